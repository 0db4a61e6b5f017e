package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustDomain;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Proof that the root signs an intermediate as the mesh needs it. */
final class IntermediateProbe {
    /** Clocks may differ by this much, and more is missing than that when a life was cut. */
    private static final Duration SLACK = Duration.ofMinutes(10);

    private final VaultSettings settings;
    private final TrustDomain trustDomain;
    private final Clock clock;

    IntermediateProbe(VaultSettings settings, TrustDomain trustDomain, Clock clock) {
        this.settings = settings;
        this.trustDomain = trustDomain;
        this.clock = clock;
    }

    void run(Vault vault, Vault nobody, List<SetupLine> lines) throws VaultException {
        if (settings.rootIssuer().isEmpty()) {
            lines.add(SetupLine.wrong(
                    settings.rootMount(),
                    "rootIssuer: missing in the settings (expected: the id of one)" + VaultProbe.FIX));
            return;
        }
        String path =
                VaultIssuer.path(settings.rootMount(), settings.rootIssuer().get());
        Optional<PublishedIssuer> root = PublishedIssuer.read(nobody, path, lines);
        if (root.isEmpty()) {
            return;
        }
        lines.addAll(new CaProfile(root.get().certificate(), trustDomain).lines(path, 1, clock.instant()));
        KeyPair key = CertificateSigningRequest.newKeyPair();
        VaultAnswer signed;
        try {
            signed = vault.write(path + "/sign-intermediate", fields(key));
        } catch (VaultException e) {
            lines.add(VaultProbe.refusal(path, e));
            return;
        }
        try {
            judge(
                    Pem.certificates(signed.text("certificate").orElse("")).getFirst(),
                    key,
                    root.get().certificate(),
                    path,
                    lines);
        } catch (SvidRejectedException e) {
            lines.add(SetupLine.wrong(path, "answer: " + e.getMessage()));
        }
    }

    private Map<String, Object> fields(KeyPair key) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("csr", CertificateSigningRequest.pem(key));
        fields.put("common_name", "probe of " + trustDomain.name());
        fields.put("exclude_cn_from_sans", true);
        fields.put("uri_sans", trustDomain.uri());
        fields.put("ttl", settings.intermediateLife().toSeconds() + "s");
        fields.put("max_path_length", 0);
        fields.put("use_csr_values", false);
        return fields;
    }

    private void judge(X509Certificate signed, KeyPair key, X509Certificate root, String path, List<SetupLine> lines) {
        Instant now = clock.instant();
        var profile = new CaProfile(signed, trustDomain);
        profile.lines(path, 0, now).stream().filter(SetupLine::isWrong).forEach(lines::add);
        if (signed.getBasicConstraints() > 0) {
            lines.add(SetupLine.wrong(
                    path, "max_path_length: " + signed.getBasicConstraints() + " (expected: 0, as asked for)"));
        }
        if (!signed.getPublicKey().equals(key.getPublic())) {
            lines.add(SetupLine.wrong(path, "key of the certificate: another than that of the request"));
        }
        if (!profile.isSignedBy(root)) {
            lines.add(SetupLine.wrong(
                    path,
                    "signed by " + signed.getIssuerX500Principal() + " (expected: " + root.getSubjectX500Principal()
                            + ")"));
        }
        Duration given = Duration.between(now, signed.getNotAfter().toInstant());
        if (given.compareTo(settings.intermediateLife().minus(SLACK)) < 0) {
            lines.add(SetupLine.wrong(
                    path,
                    "intermediateLife: " + settings.intermediateLife() + " became " + LeafJudgement.rounded(given)
                            + " (expected: max_lease_ttl of " + settings.rootMount()
                            + " and a root that last longer)" + VaultProbe.FIX));
        }
    }
}
