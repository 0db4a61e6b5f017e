package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An issuer of a PKI mount. {@code chain}: itself first, up to its root if the mount knows it. */
record VaultIssuer(String id, VaultAnswer answer, X509Certificate certificate, List<X509Certificate> chain) {
    /** A mount with more is not one for a mesh, and each costs a request. */
    private static final int ISSUERS_MAX = 50;

    /** In the place of an id, to ask for rights before there is an issuer. */
    static final String ANY = "00000000-0000-0000-0000-000000000000";

    private static final List<String> WRITABLE = List.of(
            "issuer_name",
            "leaf_not_after_behavior",
            "usage",
            "manual_chain",
            "revocation_signature_algorithm",
            "issuing_certificates",
            "crl_distribution_points",
            "ocsp_servers");

    static String path(String mount, String id) {
        return mount + "/issuer/" + id;
    }

    /** Those whose certificates can be read, at most {@value #ISSUERS_MAX}. */
    static List<VaultIssuer> all(Vault vault, String mount) throws VaultException {
        List<VaultIssuer> issuers = new ArrayList<>();
        for (String id : Part.keys(vault, mount + "/issuers")) {
            if (issuers.size() < ISSUERS_MAX) {
                find(vault, mount, id).ifPresent(issuers::add);
            }
        }
        return issuers;
    }

    static Optional<VaultIssuer> find(Vault vault, String mount, String id) throws VaultException {
        Optional<VaultAnswer> answer = Part.find(vault, path(mount, id));
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        try {
            X509Certificate own = Pem.certificates(
                            answer.get().text("certificate").orElse(""))
                    .getFirst();
            List<X509Certificate> chain = new ArrayList<>();
            for (String pem : answer.get().texts("ca_chain")) {
                chain.addAll(Pem.certificates(pem));
            }
            return Optional.of(new VaultIssuer(id, answer.get(), own, chain.isEmpty() ? List.of(own) : chain));
        } catch (SvidRejectedException e) {
            return Optional.empty();
        }
    }

    /** The id that {@code mount} calls its default. */
    static String defaultOf(Vault vault, String mount) throws VaultException {
        return Part.find(vault, mount + "/config/issuers")
                .flatMap(answer -> answer.text("default"))
                .orElse("");
    }

    String name() {
        return answer.text("issuer_name").orElse("");
    }

    /** Whether it can sign: a mount holds issuers without keys too, for their chains. */
    boolean hasKey() {
        return answer.text("key_id").isPresent();
    }

    /** For a write, which resets whatever is left out. */
    Map<String, Object> writable() {
        Map<String, Object> fields = new java.util.LinkedHashMap<>();
        for (String key : WRITABLE) {
            Object value = answer.data().get(key);
            if (value != null && !value.equals("") && !value.equals(List.of())) {
                fields.put(key, value);
            }
        }
        return fields;
    }
}
