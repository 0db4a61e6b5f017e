package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityDraft;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The root: P-256, its key never outside Vault, bound to the trust domain by a critical name constraint. {@code root/generate} knows no such constraint (OpenBao none at all, Vault
 * since 1.19), so the root is made without, signs a bound twin of itself, and only the twin stays. A root that is not ours is never touched, and none is made beside it.
 */
final class RootPart implements Part {
    static final Duration LIFE = Duration.ofDays(3650);

    /** For clocks that are behind Vault's: nothing below a root is valid before it. */
    private static final Duration BACK_DATED = Duration.ofHours(1);

    /** The name of the first of the twins, by which an interrupted set-up finds it again. */
    private static final String UNBOUND = "sallyport-unbound";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String mount;
    private final TrustDomain trustDomain;
    private final Clock clock;
    private Optional<String> wanted;
    private boolean another;
    private Optional<VaultIssuer> found = Optional.empty();

    /** {@code another}: one is made beside those that there are. */
    RootPart(VaultSettings settings, TrustDomain trustDomain, boolean another, Clock clock) {
        this.mount = settings.rootMount();
        this.wanted = settings.rootIssuer();
        this.another = another;
        this.trustDomain = trustDomain;
        this.clock = clock;
    }

    /** What the last check or apply came upon. */
    Optional<VaultIssuer> found() {
        return found;
    }

    @Override
    public List<Right> toCheck() {
        return List.of(
                Right.of(mount + "/issuers", "list"),
                Right.of(mount + "/config/issuers", "read"),
                Right.of(VaultIssuer.path(mount, VaultIssuer.ANY), "read"));
    }

    @Override
    public List<Right> toApply() {
        String issuer = VaultIssuer.path(mount, VaultIssuer.ANY);
        return List.of(
                Right.of(mount + "/root/generate/internal", "update"),
                Right.of(issuer + "/sign-self-issued", "update"),
                Right.of(mount + "/issuers/import/cert", "update"),
                Right.of(mount + "/config/issuers", "update"),
                Right.of(issuer, "update", "delete"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        String where = mount + "/issuer/" + wanted.orElse("*");
        List<VaultIssuer> all = VaultIssuer.all(vault, mount);
        found = another ? Optional.empty() : choose(vault, all);
        if (found.isPresent()) {
            List<SetupLine> lines = new ArrayList<>(new CaProfile(found.get().certificate(), trustDomain)
                    .lines(VaultIssuer.path(mount, found.get().id()), 1, clock.instant()));
            unbound(all)
                    .ifPresent(left -> lines.add(SetupLine.wrong(
                            VaultIssuer.path(mount, left.id()),
                            "left over from an interrupted set-up (expected: gone)")));
            return lines;
        }
        if (another) {
            return List.of(SetupLine.wrong(where, "another one is wanted"));
        }
        if (wanted.isPresent()) {
            return List.of(SetupLine.foreign(
                    where, "missing (expected: as rootIssuer says; without it, one is looked for or made)"));
        }
        if (all.isEmpty() || unbound(all).isPresent()) {
            return List.of(
                    SetupLine.wrong(where, "missing (expected: a root of " + trustDomain.uri() + ", bound to it)"));
        }
        return List.of(SetupLine.foreign(
                where,
                "holds " + all.getFirst().certificate().getSubjectX500Principal() + " (expected: a root of "
                        + trustDomain.uri() + " or none; name it as rootIssuer, or another rootMount)"));
    }

    /** The one of the settings; else of ours the default, else the youngest. */
    private Optional<VaultIssuer> choose(Vault vault, List<VaultIssuer> all) throws VaultException {
        if (wanted.isPresent()) {
            return all.stream()
                    .filter(issuer -> issuer.id().equals(wanted.get()))
                    .findFirst();
        }
        String byDefault = VaultIssuer.defaultOf(vault, mount);
        return all.stream()
                .filter(issuer -> issuer.hasKey() && !issuer.name().equals(UNBOUND))
                .filter(issuer -> {
                    var profile = new CaProfile(issuer.certificate(), trustDomain);
                    return profile.isOurs() && profile.isSelfIssued() && profile.isValidAt(clock.instant());
                })
                .max(Comparator.comparing((VaultIssuer issuer) -> issuer.id().equals(byDefault))
                        .thenComparing(issuer -> issuer.certificate().getNotBefore()));
    }

    private static Optional<VaultIssuer> unbound(List<VaultIssuer> all) {
        return all.stream().filter(issuer -> issuer.name().equals(UNBOUND)).findFirst();
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException, SetupException {
        Optional<VaultIssuer> left = unbound(VaultIssuer.all(vault, mount));
        VaultIssuer first =
                left.isPresent() ? left.get() : generate(vault); // a found one is only wrong by its leftover
        VaultIssuer root = found.isPresent() ? found.get() : bind(vault, first);
        if (!VaultIssuer.defaultOf(vault, mount).equals(root.id())) {
            vault.write(mount + "/config/issuers", Map.of("default", root.id()));
        }
        vault.delete(VaultIssuer.path(mount, first.id()));
        wanted = Optional.of(root.id());
        another = false;
        found = Optional.of(issuer(vault, root.id())); // again, for while there were two its chain had both
        return List.of(SetupLine.done(
                VaultIssuer.path(mount, root.id()),
                "root " + root.certificate().getSubjectX500Principal() + " of " + trustDomain.uri() + ", bound to it"));
    }

    private VaultIssuer generate(Vault vault) throws VaultException, SetupException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("common_name", "root " + HexFormat.of().toHexDigits(RANDOM.nextLong()));
        fields.put("organization", "Sallyport workloads");
        fields.put("issuer_name", UNBOUND);
        fields.put("key_type", "ec");
        fields.put("key_bits", 256);
        fields.put("ttl", LIFE.toSeconds() + "s");
        fields.put("not_before_duration", BACK_DATED.toSeconds() + "s");
        fields.put("uri_sans", trustDomain.uri());
        fields.put("exclude_cn_from_sans", true);
        fields.put("max_path_length", 1);
        VaultAnswer made = vault.write(mount + "/root/generate/internal", fields);
        return issuer(vault, made.text("issuer_id").orElse(""));
    }

    private VaultIssuer bind(Vault vault, VaultIssuer first) throws VaultException, SetupException {
        X509Certificate twin = draft(first.certificate());
        VaultAnswer signed = vault.write(
                VaultIssuer.path(mount, first.id()) + "/sign-self-issued",
                Map.of("certificate", Pem.encode(List.of(twin))));
        VaultAnswer imported = vault.write(
                mount + "/issuers/import/cert",
                Map.of("pem_bundle", signed.text("certificate").orElse("")));
        VaultIssuer root = issuer(
                vault, imported.texts("imported_issuers").stream().findFirst().orElse(""));
        Map<String, Object> fields = root.writable();
        fields.put("issuer_name", "sallyport-root-" + root.id().substring(0, 8));
        vault.write(VaultIssuer.path(mount, root.id()), fields);
        return root;
    }

    private X509Certificate draft(X509Certificate first) throws SetupException {
        try {
            return AuthorityDraft.root(first, trustDomain);
        } catch (IOException e) {
            throw new SetupException("root of " + mount + ": " + e.getMessage());
        }
    }

    private VaultIssuer issuer(Vault vault, String id) throws VaultException, SetupException {
        return VaultIssuer.find(vault, mount, id)
                .orElseThrow(() -> new SetupException(
                        mount + ": a root was made, but no issuer " + id + " is there (expected: its certificate)"));
    }
}
