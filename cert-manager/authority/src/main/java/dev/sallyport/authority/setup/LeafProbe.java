package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultException.Kind;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustDomain;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Proof of the role: one leaf that it must sign, and some that it must not. What the role looks like is not read: the control plane may not. */
final class LeafProbe {
    /** Reserved for ourselves: no workload is ever called so. */
    private static final String IDENTITY = "/sallyport/probe";

    private static final String STRANGER = "spiffe://probe.invalid/sallyport/probe";

    static final String USE_CSR_SANS =
            "use_csr_sans is true, the identity that was asked for is not in the certificate (expected: false)";

    /** What a refusal says, and of which property. */
    private static final Map<String, String> REFUSALS = refusals();

    private final VaultSettings settings;
    private final TrustDomain trustDomain;
    private final Duration life;
    private final Clock clock;
    private final String role;

    LeafProbe(VaultSettings settings, TrustDomain trustDomain, Duration life, Clock clock) {
        this.settings = settings;
        this.trustDomain = trustDomain;
        this.life = life;
        this.clock = clock;
        this.role = settings.mount() + "/roles/" + settings.role();
    }

    void run(Vault vault, Vault nobody, List<SetupLine> lines) throws VaultException {
        if (settings.issuer().isEmpty()) {
            lines.add(SetupLine.wrong(
                    settings.mount(), "issuer: missing in the settings (expected: the id of one)" + VaultProbe.FIX));
            return;
        }
        String path = VaultIssuer.path(settings.mount(), settings.issuer().get());
        Optional<PublishedIssuer> issuer = PublishedIssuer.read(nobody, path, lines);
        if (issuer.isEmpty()) {
            return;
        }
        lines.addAll(new CaProfile(issuer.get().certificate(), trustDomain).lines(path, 0, clock.instant()));
        KeyPair key = CertificateSigningRequest.newKeyPair();
        Optional<Signed> signed = sign(vault, fields(CertificateSigningRequest.pem(key)), lines);
        if (signed.isEmpty()) {
            return;
        }
        VaultAnswer answer = signed.get().answer();
        var judged = new LeafJudgement(signed.get().leaf(), role, lines);
        judged.holds(key.getPublic(), trustDomain.uri() + IDENTITY);
        judged.lives(life, answer.warnings(), clock.instant(), issuer.get().certificate());
        judged.chains(answer.texts("ca_chain"), issuer.get(), trustDomain, clock);
        stored(nobody, answer, lines);
        for (Trial trial : trials()) {
            attempt(vault, trial).ifPresent(what -> lines.add(SetupLine.wrong(role, what + VaultProbe.FIX)));
        }
    }

    private Map<String, Object> fields(String request) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("csr", request);
        fields.put("uri_sans", trustDomain.uri() + IDENTITY);
        fields.put("ttl", life.toSeconds() + "s");
        fields.put("exclude_cn_from_sans", true);
        fields.put("remove_roots_from_chain", true);
        return fields;
    }

    private record Signed(VaultAnswer answer, X509Certificate leaf) {}

    private Signed sign(Vault vault, Map<String, Object> fields) throws VaultException {
        String issuer = VaultIssuer.path(settings.mount(), settings.issuer().orElse(""));
        VaultAnswer answer = vault.write(issuer + "/sign/" + settings.role(), fields);
        try {
            return new Signed(
                    answer,
                    Pem.certificates(answer.text("certificate").orElse("")).getFirst());
        } catch (SvidRejectedException e) {
            throw new VaultException(
                    Kind.REFUSED, answer.status(), "certificate in the answer: " + e.getMessage(), Duration.ZERO);
        }
    }

    private Optional<Signed> sign(Vault vault, Map<String, Object> fields, List<SetupLine> lines)
            throws VaultException {
        try {
            return Optional.of(sign(vault, fields));
        } catch (VaultException e) {
            SetupLine refusal = VaultProbe.refusal(role, e);
            String property = REFUSALS.entrySet().stream()
                    .filter(known -> refusal.what().contains(known.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse("");
            lines.add(
                    property.isEmpty()
                            ? refusal
                            : SetupLine.wrong(role, property.replace("TD", trustDomain.name()) + VaultProbe.FIX));
            return Optional.empty();
        }
    }

    private static Map<String, String> refusals() {
        Map<String, String> refusals = new LinkedHashMap<>();
        refusals.put("common_name field is required", "require_cn is true (expected: false)");
        // What the JDK says of a certificate that names nobody.
        refusals.put("SubjectAlternativeName extension is absent", USE_CSR_SANS);
        refusals.put("URI Subject Alternative Names", "allowed_uri_sans is another (expected: [spiffe://TD/*])");
        refusals.put("keys of type", "key_type is another (expected: ec)");
        refusals.put("-bit key", "key_bits is another (expected: 256)");
        refusals.put("unknown role", "missing (expected: the role of the settings)");
        refusals.put(
                "beyond the expiration of the CA",
                "the issuer's leaf_not_after_behavior is err, and a leaf would outlive it (expected: truncate)");
        return refusals;
    }

    /** A stored leaf is a row that nobody reads, 20 million of them a failover of half an hour. */
    private void stored(Vault nobody, VaultAnswer signed, List<SetupLine> lines) throws VaultException {
        String serial = signed.text("serial_number").orElse("");
        if (Part.find(nobody, settings.mount() + "/cert/" + serial).isPresent()) {
            lines.add(SetupLine.wrong(role, "no_store is false (expected: true)" + VaultProbe.FIX));
        }
    }

    /** A leaf that the role must not sign, or not with this in it. {@code shows}: whether the certificate has it. */
    private record Trial(String sentence, String csr, Map<String, Object> more, String shows) {}

    private List<Trial> trials() {
        String plain = CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair());
        String wish = "[" + trustDomain.uri() + "/*])";
        return List.of(
                new Trial(
                        "allowed_uri_sans allows " + STRANGER + " (expected: " + wish,
                        plain,
                        Map.of("uri_sans", STRANGER),
                        STRANGER),
                new Trial(
                        "allow_ip_sans is true (expected: false)", plain, Map.of("ip_sans", "192.0.2.1"), "192.0.2.1"),
                new Trial(
                        "allow_localhost is true (expected: false)",
                        plain,
                        Map.of("alt_names", "localhost"),
                        "localhost"),
                new Trial(
                        "allow_any_name is true (expected: false)",
                        plain,
                        Map.of("alt_names", "probe.invalid"),
                        "probe.invalid"),
                new Trial("key_type is any (expected: ec)", StrangeRequests.ed25519(), Map.of(), "EdDSA"),
                new Trial(
                        "use_csr_common_name is true (expected: false)",
                        StrangeRequests.named(StrangeRequests.NAME),
                        Map.of(),
                        StrangeRequests.NAME));
    }

    /** The sentence, if it was signed. */
    private Optional<String> attempt(Vault vault, Trial trial) throws VaultException {
        Map<String, Object> fields = fields(trial.csr());
        fields.putAll(trial.more());
        try {
            String text = LeafJudgement.text(sign(vault, fields).leaf());
            return text.contains(trial.shows()) ? Optional.of(trial.sentence()) : Optional.empty();
        } catch (VaultException e) {
            if (e.kind() != Kind.REFUSED) {
                throw e;
            }
            // With use_csr_common_name the name of the request is looked at, and not allowed.
            return String.valueOf(e.getMessage()).contains(StrangeRequests.NAME)
                    ? Optional.of(trial.sentence())
                    : Optional.empty();
        }
    }
}
