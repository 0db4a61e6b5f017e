package dev.sallyport.policy;

/** The stable codes of what a set of documents can have wrong, by family; SP00 is the reader's. */
final class Codes {
    /** A service, in {@code service:}, {@code from:} or {@code verifiedBy:}, that the Mesh does not declare. */
    static final String SERVICE_UNKNOWN = "SP0101";

    /** An issuer that the Mesh does not declare. */
    static final String ISSUER_UNKNOWN = "SP0102";

    /** A claim that the issuer does not declare, or a value that its type cannot have. */
    static final String CLAIM_UNKNOWN = "SP0103";

    /** A second Mesh, a second policy of a service, a second document of a name. */
    static final String DOCUMENT_TWICE = "SP0104";

    /** A name that is not of the form, or reserved. */
    static final String NAME = "SP0105";

    /** No Mesh. */
    static final String MESH_MISSING = "SP0106";

    /** An OPA target that the Mesh does not declare. */
    static final String OPA_UNKNOWN = "SP0107";

    /** Neither a SPIFFE ID nor a trust domain name. */
    static final String IDENTITY = "SP0201";

    /** An identity of another trust domain. */
    static final String IDENTITY_FOREIGN = "SP0202";

    /** One identity for two services. */
    static final String IDENTITY_TWICE = "SP0203";

    /** An identity under {@code /sallyport/}. */
    static final String IDENTITY_RESERVED = "SP0204";

    /** A trust domain that certificates cannot be constrained to. */
    static final String TRUST_DOMAIN = "SP0205";

    /** An identity in {@code from:} that no service has. */
    static final String IDENTITY_UNKNOWN = "SP0206";

    /** A pattern of identities that is not of the form. */
    static final String PATTERN = "SP0207";

    /** A host that is not in the canonical form. */
    static final String HOST = "SP0208";

    /** A match that is not {@code METHOD /template}. */
    static final String MATCH = "SP0301";

    /** Two matches that cannot be told apart. */
    static final String MATCH_AMBIGUOUS = "SP0302";

    /** More matches than a policy may have. */
    static final String MATCHES_TOO_MANY = "SP0303";

    /** Matches of more than one kind in a route. */
    static final String MATCH_KINDS = "SP0304";

    /** A match for a port that the service does not declare as such. */
    static final String MATCH_PORT = "SP0305";

    /** A condition on a tcp route that only a request could meet. */
    static final String TCP = "SP0306";

    /** A header's or a parameter's name that no rule may read. */
    static final String FIELD_NAME = "SP0307";

    /** A header's value that no request can have. */
    static final String FIELD_VALUE = "SP0308";

    /** A field under {@code record} that is none. */
    static final String RECORD = "SP0309";

    /** A limit per user where a rule proves none. */
    static final String LIMIT_USER = "SP0310";

    /** An overlapped audit of a request that asks for a change. */
    static final String AUDIT_OVERLAPPED = "SP0311";

    /** Two conditions of which never both hold. */
    static final String FIELD_NEVER = "SP0314";

    /** A value with a character that cannot be seen. */
    static final String VALUE_INVISIBLE = "SP0312";

    /** An issuer's or a key set's URL. */
    static final String ISSUER_URL = "SP0401";

    /** An algorithm that is not accepted. */
    static final String ALGORITHM = "SP0403";

    /** A claim's declaration, or the path to roles or scopes. */
    static final String CLAIM_FORM = "SP0404";

    /** Two issuers with the same {@code iss}. */
    static final String ISSUER_TWICE = "SP0405";

    /** What a rule wants of the user. */
    static final String USER = "SP0406";

    /** A rule's maximum token age beyond its issuer's own. */
    static final String TOKEN_AGE = "SP0407";

    /** A hop token that could never count, or a credential that goes on unverified where one is verified. */
    static final String VIA = "SP0408";

    /** A TLS mode or version that is not supported. */
    static final String TLS = "SP0501";

    /** A port or what is spoken on it. */
    static final String PORT = "SP0502";

    /** Where an OPA listens. */
    static final String OPA_ADDRESS = "SP0503";

    /** What a rule asks of OPA. */
    static final String OPA_PATH = "SP0504";

    /** What a port relaxes. */
    static final String RELAXATION = "SP0505";

    private Codes() {}
}
