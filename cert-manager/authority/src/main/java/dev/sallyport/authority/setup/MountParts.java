package dev.sallyport.authority.setup;

import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.TrustDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The configurations of a PKI mount, and the role. */
final class MountParts {
    /** What a control plane may be configured to give a leaf at most. */
    private static final Duration LEAF_LIFE_MAX = Duration.ofDays(7);

    private static final Duration LEAF_LIFE = Duration.ofHours(24);

    private MountParts() {}

    /** Where its certificates and lists are found, kept up to date and tidied up. Not OCSP: of a leaf that is not stored it knows nothing, and a strict client would refuse it. */
    static List<Part> configurations(String mount, VaultSettings settings) {
        String base = settings.address() + "/v1/"
                + settings.namespace().map(name -> name + "/").orElse("") + mount;
        String issuer = "{{cluster_aia_path}}/issuer/{{issuer_id}}/";
        return List.of(
                // Before the templates that name it: with these alone, nothing is issued any more.
                Thing.of(mount + "/config/cluster", Property.present("path", base), Property.present("aia_path", base)),
                Thing.of(
                        mount + "/config/urls",
                        Property.is("enable_templating", true),
                        Property.is("issuing_certificates", List.of(issuer + "der")),
                        Property.is("crl_distribution_points", List.of(issuer + "crl/der")),
                        Property.is("ocsp_servers", List.of())),
                Thing.of(
                        mount + "/config/crl",
                        Property.is("disable", false),
                        Property.is("auto_rebuild", true),
                        Property.is("enable_delta", true)),
                Thing.of(
                        mount + "/config/auto-tidy",
                        Property.is("enabled", true),
                        Property.is("tidy_cert_store", true),
                        Property.is("tidy_revoked_certs", true),
                        Property.is("tidy_expired_issuers", true)),
                // Its usual directory signs whatever it is asked to.
                Thing.ifKnown(mount + "/config/acme", Property.is("enabled", false)));
    }

    /** {@code issuer}: known once there is one. */
    static Part role(VaultSettings settings, TrustDomain trustDomain, Supplier<Optional<String>> issuer) {
        String path = settings.mount() + "/roles/" + settings.role();
        return Thing.of(path, () -> role(trustDomain, issuer.get().orElse("the issuer's id")));
    }

    /** Each by name, those too whose usual value is the right one: what is not said here, nobody looks after. */
    private static List<Property> role(TrustDomain trustDomain, String issuer) {
        List<Property> role = new ArrayList<>(List.of(
                Property.is("issuer_ref", issuer),
                Property.is("allowed_uri_sans", List.of(trustDomain.uri() + "/*")),
                Property.is("key_type", "ec"),
                Property.is("key_bits", 256L),
                Property.is("key_usage", List.of("DigitalSignature")),
                Property.is("ttl", LEAF_LIFE),
                Property.is("max_ttl", LEAF_LIFE_MAX),
                Property.is("not_before_duration", CertificateAuthority.BACK_DATED)));
        for (String on : List.of("server_flag", "client_flag", "basic_constraints_valid_for_non_ca", "no_store")) {
            role.add(Property.is(on, true));
        }
        // With the names of a request (use_csr_sans) those of the API are ignored, and with them who asked.
        for (String off : List.of(
                "use_csr_sans",
                "use_csr_common_name",
                "require_cn",
                "allow_any_name",
                "allow_bare_domains",
                "allow_glob_domains",
                "allow_ip_sans",
                "allow_localhost",
                "allow_subdomains",
                "allow_token_displayname",
                "allow_wildcard_certificates",
                "allowed_uri_sans_template",
                "allowed_domains_template",
                "code_signing_flag",
                "email_protection_flag",
                "generate_lease")) {
            role.add(Property.is(off, false));
        }
        for (String none : List.of(
                "allowed_domains",
                "allowed_other_sans",
                "allowed_serial_numbers",
                "ext_key_usage",
                "ext_key_usage_oids",
                "policy_identifiers",
                "organization",
                "ou",
                "country",
                "locality",
                "province",
                "street_address",
                "postal_code")) {
            role.add(Property.is(none, List.of()));
        }
        role.add(Property.is("not_after", ""));
        return role;
    }
}
