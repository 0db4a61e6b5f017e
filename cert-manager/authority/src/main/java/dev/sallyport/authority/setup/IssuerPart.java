package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityDraft;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The intermediate whose key is in Vault and signs leaves. Since Vault 1.11 a new one is added beside the old ones and does not become the default by itself: it is made so
 * explicitly, and the mesh addresses it by its id all the same.
 */
final class IssuerPart implements Part {
    static final Duration LIFE = Duration.ofDays(365);

    private static final String ISSUERS = "/config/issuers";

    private final String mount;
    private final String rootMount;
    private final TrustDomain trustDomain;
    private final RootPart root;
    private final Clock clock;
    private Optional<String> wanted;
    private boolean another;
    private Optional<VaultIssuer> found = Optional.empty();

    /** {@code another}: one is made beside those that there are, which go on signing by their ids. */
    IssuerPart(VaultSettings settings, TrustDomain trustDomain, RootPart root, boolean another, Clock clock) {
        this.mount = settings.mount();
        this.rootMount = settings.rootMount();
        this.wanted = settings.issuer();
        this.another = another;
        this.trustDomain = trustDomain;
        this.root = root;
        this.clock = clock;
    }

    /** The id of what the last check or apply came upon. */
    Optional<String> id() {
        return found.map(VaultIssuer::id);
    }

    @Override
    public List<Right> toCheck() {
        return List.of(
                Right.of(mount + "/issuers", "list"),
                Right.of(mount + ISSUERS, "read"),
                Right.of(VaultIssuer.path(mount, VaultIssuer.ANY), "read"));
    }

    @Override
    public List<Right> toApply() {
        return List.of(
                Right.of(mount + "/intermediate/generate/internal", "update"),
                Right.of(VaultIssuer.path(rootMount, VaultIssuer.ANY) + "/sign-self-issued", "update"),
                Right.of(mount + "/intermediate/set-signed", "update"),
                Right.of(VaultIssuer.path(mount, VaultIssuer.ANY), "update"),
                Right.of(mount + ISSUERS, "update"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        List<VaultIssuer> all = VaultIssuer.all(vault, mount);
        String byDefault = VaultIssuer.defaultOf(vault, mount);
        found = another ? Optional.empty() : choose(all, byDefault);
        String where = VaultIssuer.path(
                mount, found.map(VaultIssuer::id).or(() -> wanted).orElse("*"));
        if (found.isEmpty() && wanted.isPresent() && !another) {
            return List.of(SetupLine.foreign(
                    where, "missing (expected: as issuer says; without it, one is looked for or made)"));
        }
        Optional<VaultIssuer> strange = all.stream()
                .filter(issuer -> issuer.id().equals(byDefault)
                        && issuer.hasKey()
                        && !profile(issuer).isOurs())
                .findFirst();
        if (strange.isPresent()) {
            return List.of(SetupLine.foreign(
                    VaultIssuer.path(mount, byDefault),
                    "the default is " + strange.get().certificate().getSubjectX500Principal() + " (expected: one of "
                            + trustDomain.uri() + "; name another mount)"));
        }
        if (found.isEmpty()) {
            return List.of(SetupLine.wrong(
                    where,
                    another
                            ? "another one is wanted"
                            : "missing (expected: an intermediate of " + trustDomain.uri() + " with its key)"));
        }
        List<SetupLine> lines = new ArrayList<>(profile(found.get()).lines(where, 0, clock.instant()));
        chain(where).ifPresent(lines::add);
        Map<String, Object> data = readable(found.get());
        properties().forEach(property -> lines.add(property.line(where, data)));
        Map<String, Object> config =
                Part.find(vault, mount + ISSUERS).map(VaultAnswer::data).orElse(Map.of());
        defaults(found.get()).forEach(property -> lines.add(property.line(mount + ISSUERS, config)));
        return lines;
    }

    private CaProfile profile(VaultIssuer issuer) {
        return new CaProfile(issuer.certificate(), trustDomain);
    }

    private Optional<VaultIssuer> choose(List<VaultIssuer> all, String byDefault) {
        if (wanted.isPresent()) {
            return all.stream()
                    .filter(issuer -> issuer.id().equals(wanted.get()))
                    .findFirst();
        }
        return all.stream()
                .filter(issuer -> issuer.hasKey()
                        && profile(issuer).isOurs()
                        && profile(issuer).isValidAt(clock.instant())
                        && chain(issuer).map(SetupLine::isWrong).orElse(false).equals(false))
                .max(Comparator.comparing((VaultIssuer issuer) -> issuer.id().equals(byDefault))
                        .thenComparing(issuer -> issuer.certificate().getNotBefore()));
    }

    private Optional<SetupLine> chain(String where) {
        return found.flatMap(this::chain).map(line -> new SetupLine(line.outcome(), where, line.what()));
    }

    /** Nothing to say when the root is elsewhere. */
    private Optional<SetupLine> chain(VaultIssuer issuer) {
        return root.found().map(above -> {
            String what = "issued by: " + issuer.certificate().getIssuerX500Principal();
            return profile(issuer).isSignedBy(above.certificate())
                    ? SetupLine.holds("", what)
                    : SetupLine.wrong(
                            "", what + " (expected: " + above.certificate().getSubjectX500Principal() + ", its key)");
        });
    }

    /** {@code truncate}: the usual {@code err} ends all issuance as soon as the intermediate lives shorter than a leaf would. */
    private static List<Property> properties() {
        return List.of(
                Property.is("leaf_not_after_behavior", "truncate"),
                Property.is("usage", List.of("read-only", "issuing-certificates", "crl-signing", "ocsp-signing")));
    }

    private static List<Property> defaults(VaultIssuer issuer) {
        return List.of(Property.is("default", issuer.id()), Property.is("default_follows_latest_issuer", false));
    }

    /** Usage is a text with commas, in whatever order. */
    private static Map<String, Object> readable(VaultIssuer issuer) {
        Map<String, Object> data = new LinkedHashMap<>(issuer.answer().data());
        issuer.answer().text("usage").ifPresent(usage -> data.put("usage", Arrays.asList(usage.split(",", -1))));
        return data;
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException, SetupException {
        List<SetupLine> done = new ArrayList<>();
        if (found.isEmpty()) {
            found = Optional.of(make(vault));
            wanted = id();
            another = false;
            done.add(SetupLine.done(
                    VaultIssuer.path(mount, found.get().id()),
                    "intermediate " + found.get().certificate().getSubjectX500Principal() + " of " + trustDomain.uri()
                            + ", bound to it"));
        }
        VaultIssuer issuer = found.get();
        Map<String, Object> before = readable(issuer);
        Map<String, Object> fields = issuer.writable();
        if (issuer.name().isEmpty()) {
            fields.put("issuer_name", "sallyport-mesh-" + issuer.id().substring(0, 8));
        }
        write(vault, VaultIssuer.path(mount, issuer.id()), properties(), before, fields)
                .ifPresent(done::add);
        Map<String, Object> config =
                Part.find(vault, mount + ISSUERS).map(VaultAnswer::data).orElse(Map.of());
        write(vault, mount + ISSUERS, defaults(issuer), config, new LinkedHashMap<>())
                .ifPresent(done::add);
        return done;
    }

    private static Optional<SetupLine> write(
            Vault vault, String path, List<Property> wanted, Map<String, Object> before, Map<String, Object> fields)
            throws VaultException {
        String changes = Thing.changes(wanted, before);
        if (changes.isEmpty()) {
            return Optional.empty();
        }
        fields.putAll(Thing.body(wanted, before));
        vault.write(path, fields);
        return Optional.of(SetupLine.done(path, "written: " + changes));
    }

    private VaultIssuer make(Vault vault) throws VaultException, SetupException {
        VaultIssuer above = root.found()
                .orElseThrow(() -> new SetupException(rootMount
                        + ": no root that could sign an intermediate (expected: one, or issuer in the settings)"));
        Map<String, Object> fields = new LinkedHashMap<>();
        // The name is given by what the root signs; the endpoint wants one all the same.
        fields.put("common_name", "intermediate of " + trustDomain.name());
        fields.put("key_type", "ec");
        fields.put("key_bits", 256);
        String request = vault.write(mount + "/intermediate/generate/internal", fields)
                .text("csr")
                .orElse("");
        String signed = vault.write(
                        VaultIssuer.path(rootMount, above.id()) + "/sign-self-issued",
                        Map.of("certificate", Pem.encode(List.of(draft(request, above.certificate())))))
                .text("certificate")
                .orElse("");
        VaultAnswer set = vault.write(
                mount + "/intermediate/set-signed", Map.of("certificate", signed + "\n" + Pem.encode(above.chain())));
        // The chain came with it, so that several may have been added: ours is the one whose key is here.
        for (String id : set.texts("imported_issuers")) {
            Optional<VaultIssuer> issuer = VaultIssuer.find(vault, mount, id);
            if (issuer.isPresent() && issuer.get().hasKey()) {
                return issuer.get();
            }
        }
        throw new SetupException(mount + ": took the signed intermediate, but has no issuer with its key");
    }

    /** Not longer than its root: what outlives it is refused by every verifier. */
    private X509Certificate draft(String request, X509Certificate above) throws SetupException {
        Instant now = clock.instant();
        Instant end = above.getNotAfter().toInstant();
        Instant longest = now.plus(LIFE);
        try {
            byte[] der = Base64.getMimeDecoder().decode(request.replaceAll("-----[A-Z ]+-----", ""));
            return AuthorityDraft.intermediate(der, trustDomain, now, end.isBefore(longest) ? end : longest);
        } catch (IllegalArgumentException | IssuanceRefusedException | IOException e) {
            throw new SetupException("signing request of " + mount + ": " + e.getMessage());
        }
    }
}
