package dev.sallyport.audit;

/** The keys of a record on disk: OpenTelemetry's names where it has one, {@code sallyport.*} where it has none. Everything that reads records takes them from here. */
public final class AuditFields {
    public static final String TIMESTAMP = "Timestamp";
    public static final String EVENT_NAME = "EventName";
    public static final String EVENT_REQUEST = "sallyport.request";
    /** A request that is about to be forwarded: its {@link #EVENT_REQUEST} follows with the same id, unless the sidecar dies before. Never counted as a record of traffic. */
    public static final String EVENT_INTENT = "sallyport.request.intent";

    public static final String EVENT_CONNECTION = "sallyport.connection";
    /** What the log says of itself: a file's head, a gap, a recovery. Never counted as a record of traffic. */
    public static final String EVENT_LOG = "sallyport.audit.log";
    /** A leaf of the collector's, after the records of a batch: what their sidecar signed. The leaves of this and the next kinds are in the tiled log only. */
    public static final String EVENT_SEAL = "sallyport.audit.seal";
    /** A certificate of an authority, once, when it first counts. */
    public static final String EVENT_CA = "sallyport.audit.ca";
    /** What is about to be removed from the tiled log, by whom. */
    public static final String EVENT_PRUNE = "sallyport.audit.prune";
    /** Something about the records themselves that somebody should look at: opened or resolved. */
    public static final String EVENT_FINDING = "sallyport.audit.finding";

    public static final String ID = "audit.record.id";
    public static final String ACTOR_ID = "audit.actor.id";
    public static final String SCHEMA_VERSION = "audit.schema.version";
    /**
     * Of the log's own records: {@code header}, {@code gap}, {@code recovered}, {@code fault} or {@code end}. Of a request that was recorded before it was forwarded: {@code intent}
     * and {@code outcome}.
     */
    public static final String PHASE = "sallyport.audit.phase";

    public static final String STREAM_ID = "audit.sequence.stream_id";
    public static final String NUMBER = "audit.sequence.number";
    public static final String PREVIOUS_HASH = "audit.sequence.previous_hash";
    public static final String HASH = "audit.sequence.hash";

    public static final String DIRECTION = "sallyport.direction";
    public static final String SERVICE = "service.name";
    public static final String PEER_ADDRESS = "network.peer.address";
    public static final String PEER_SERIAL = "sallyport.tls.client.serial";
    public static final String PEER_FINGERPRINT = "tls.client.hash.sha256";
    public static final String TLS_VERSION = "tls.protocol.version";
    public static final String TLS_CIPHER = "tls.cipher";
    public static final String METHOD = "http.request.method";
    public static final String AUTHORITY = "server.address";
    public static final String ROUTE = "sallyport.route";
    public static final String TEMPLATE = "http.route";
    public static final String PATH = "url.path";
    public static final String DECISION = "sallyport.authz.decision";
    public static final String REASON = "sallyport.authz.reason";
    public static final String RULE = "security_rule.name";
    public static final String NEAREST_RULE = "sallyport.authz.nearest";
    /** The guardrail's denial that won over every rule: {@code card-data/non-payment-callers}. */
    public static final String GUARDRAIL = "sallyport.authz.guardrail";
    /** The reason of the denial that {@code mode: observe} let pass; the nearest rule stands beside it. */
    public static final String OBSERVED = "sallyport.authz.observed";
    /** What the policy would say if nothing were in dry run: {@code allow}, {@code deny}, {@code ask}; why; by which rule or guardrail. */
    public static final String CANDIDATE_DECISION = "sallyport.authz.candidate.decision";

    public static final String CANDIDATE_REASON = "sallyport.authz.candidate.reason";
    public static final String CANDIDATE_RULE = "sallyport.authz.candidate.rule";
    /** {@code within}, {@code exceeded} or {@code table_full}; absent where the route has no limit. */
    public static final String LIMIT = "sallyport.authz.limit";
    /** What was asked of OPA: {@code target/path} with {@code true}, {@code false} or {@code error}. */
    public static final String OPA = "sallyport.authz.opa";
    /** Of the last answer, where there is more to say than its word. */
    public static final String OPA_DETAIL = "sallyport.authz.opa.detail";
    /** What the rules of the route read: {@code header.NAME} and {@code query.NAME} with every value in the clear, in order; none where the request has none. */
    public static final String INPUTS = "sallyport.authz.input";
    /** The same for those that are recorded as keyed words. */
    public static final String INPUTS_KEYED = "sallyport.authz.input.keyed";

    public static final String DETAIL = "sallyport.authz.detail";
    public static final String TOKEN_RESULT = "sallyport.jwt.result";
    public static final String TOKEN_KEY_ID = "sallyport.jwt.kid";
    /** When the token was issued, in seconds since 1970; absent where it does not say. */
    public static final String TOKEN_ISSUED_AT = "sallyport.jwt.iat";

    /** What the hop token was worth, or how an outbound request came by its user; absent where there was nothing to say. */
    public static final String USER_CARRIED = "sallyport.user.carried";
    /** The services that carried the user here, the one that verified the user's own token first, the caller last. */
    public static final String USER_VIA = "sallyport.user.via";

    public static final String USER_ISSUER = "sallyport.jwt.issuer";
    public static final String USER_SCOPES = "sallyport.jwt.scope_used";
    public static final String USER_CLAIMS = "sallyport.jwt.claims";
    public static final String USER_HASH = "user.hash";
    public static final String USER_ROLES = "user.roles";
    public static final String REVISION = "sallyport.config.revision";
    public static final String POLICY_DIGEST = "sallyport.config.digest";
    public static final String STATUS = "http.response.status_code";
    public static final String REQUEST_BYTES = "http.request.body.size";
    public static final String RESPONSE_BYTES = "http.response.body.size";
    public static final String DURATION_MICROS = "sallyport.duration_us";
    public static final String PROCESSING_MICROS = "sallyport.processing_us";
    public static final String TRACE_ID = "TraceId";
    public static final String UPSTREAM_ID = "sallyport.destination.principal";
    /** Of a request that was sent again. */
    public static final String RESENDS = "http.request.resend_count";

    public static final String UPSTREAM_ADDRESS = "sallyport.destination.address";
    public static final String UPSTREAM_SERVICE = "service.peer.name";
    /** True when a value was cut to keep the record under its bound. */
    public static final String TRUNCATED = "sallyport.truncated";

    /** Of a header: the file's number in its name. */
    public static final String FILE_NUMBER = "sallyport.audit.file";
    /** Of a header: what wrote it. */
    public static final String SERVICE_VERSION = "service.version";
    /** Of a gap: how many records a full ring or a failed disk cost since the last gap. */
    public static final String DROPPED_RECORDS = "sallyport.audit.dropped_records";
    /** Of a recovery: bytes that a crash tore off the end of the file before. */
    public static final String TORN_BYTES = "sallyport.audit.torn_bytes";
    /** Of a fault: bytes of the file before that may not have reached the disk. */
    public static final String UNFORCED_BYTES = "sallyport.audit.unforced_bytes";
    /** Of a fault: what the disk answered. */
    public static final String ERROR_TYPE = "error.type";
    /** Of an end: records that this process wrote. Of a seal: how many records of its batch stand right before it. */
    public static final String RECORDS = "sallyport.audit.records";

    /** Of a seal: the object that travelled with the batch. */
    public static final String SEAL = "sallyport.audit.seal";
    /** Of an authority's certificate: PEM, and {@code root} or {@code intermediate}. */
    public static final String CERTIFICATE = "sallyport.audit.certificate";

    public static final String CERTIFICATE_ROLE = "sallyport.audit.certificate.role";
    /** Of a prune: the first index that stays, and the first that was still there. */
    public static final String PRUNE_BELOW = "sallyport.audit.prune.below";

    public static final String PRUNE_FROM = "sallyport.audit.prune.from";
    /** Of a finding: its number, kind, subject, {@code open} or {@code resolved}, and what it says. */
    public static final String FINDING_ID = "sallyport.audit.finding.id";

    public static final String FINDING_KIND = "sallyport.audit.finding.kind";
    public static final String FINDING_SUBJECT = "sallyport.audit.finding.subject";
    public static final String FINDING_STATE = "sallyport.audit.finding.state";
    public static final String FINDING_DETAIL = "sallyport.audit.finding.detail";

    private AuditFields() {}
}
