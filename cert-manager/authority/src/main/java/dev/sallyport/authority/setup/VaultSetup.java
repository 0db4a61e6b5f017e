package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What must be in Vault for a trust domain: compared property by property, or made so. It is given a one-off token for that; the control plane's own may do none of this. Blocking; one
 * thread.
 */
public final class VaultSetup {
    private static final String TOKEN = "set-up token";

    private final VaultSettings settings;
    private final Set<AuthorityKind> modes;
    private final RootPart root;
    private final IssuerPart issuer;
    private final List<Part> ofRoot;
    private final List<Part> others;

    /** Which issuers are made anew beside those that there are, to be rotated to. */
    public enum Another {
        NONE,
        /** The intermediate that signs leaves. */
        ISSUER,
        /** The root, and with it the intermediate. */
        ROOT
    }

    private VaultSetup(
            VaultSettings settings, TrustDomain trustDomain, Set<AuthorityKind> modes, Another another, Clock clock)
            throws IOException {
        this.settings = settings;
        this.modes = Set.copyOf(modes);
        this.root = new RootPart(settings, trustDomain, another == Another.ROOT, clock);
        this.issuer = new IssuerPart(settings, trustDomain, root, another != Another.NONE, clock);
        this.ofRoot = new ArrayList<>(List.of(new Mount(settings.rootMount(), RootPart.LIFE), root));
        ofRoot.addAll(MountParts.configurations(settings.rootMount(), settings));
        this.others = new ArrayList<>();
        if (modes.contains(AuthorityKind.VAULT_LEAF)) {
            others.add(new Mount(settings.mount(), IssuerPart.LIFE));
            others.add(issuer);
            others.addAll(MountParts.configurations(settings.mount(), settings));
            others.add(MountParts.role(settings, trustDomain, issuer::id));
        }
        ControlPlanePolicy policy = new ControlPlanePolicy(settings, trustDomain, modes);
        others.add(new PolicyPart(policy));
        others.addAll(LoginParts.of(settings.auth(), policy.name()));
    }

    /** {@code modes}: for which of the two kinds of Vault. IOException: a JWT or certificate by which the control plane logs in cannot be read. */
    public static VaultSetup of(VaultSettings settings, TrustDomain trustDomain, Set<AuthorityKind> modes, Clock clock)
            throws IOException {
        return of(settings, trustDomain, modes, Another.NONE, clock);
    }

    /** As {@link #of(VaultSettings, TrustDomain, Set, Clock)}, and what is to be made anew. */
    public static VaultSetup of(
            VaultSettings settings, TrustDomain trustDomain, Set<AuthorityKind> modes, Another another, Clock clock)
            throws IOException {
        return new VaultSetup(settings, trustDomain, modes, another, clock);
    }

    /** The policy of the control plane, HCL. Asks nobody. */
    public static String policy(VaultSettings settings, TrustDomain trustDomain, Set<AuthorityKind> modes) {
        return new ControlPlanePolicy(settings, trustDomain, modes).text();
    }

    /** The policy of the one-off token that sets all of it up from nothing, HCL. Asks nobody. */
    public String setupPolicy() {
        List<Right> rights = new ArrayList<>(List.of(Right.of(Right.SELF, "update")));
        rights.addAll(toCheck());
        rights.addAll(toGiveCredentials());
        Stream.of(ofRoot, others).flatMap(List::stream).forEach(part -> rights.addAll(part.toApply()));
        return Right.policy("sallyport vault setup, for a token that is revoked afterwards.", rights);
    }

    /** Looks at everything, changes nothing. SetupException: the token may not look. */
    public List<SetupLine> check(Vault vault) throws VaultException, SetupException {
        demand(vault, toCheck());
        return looked(vault).values().stream().flatMap(List::stream).toList();
    }

    /**
     * Makes it so; each thing that was done or kept goes to {@code progress} at once. What already holds is not written, so that a second run changes nothing. SetupException: a right
     * is missing or something is there that is not ours, and nothing was changed; or not everything holds afterwards.
     *
     * @param withCredentials whether {@link #credentials} will be asked for
     */
    public void apply(Vault vault, boolean withCredentials, Consumer<SetupLine> progress)
            throws VaultException, SetupException {
        demand(vault, toCheck());
        Map<Part, List<SetupLine>> before = looked(vault);
        List<String> foreign = sentences(before.values(), SetupLine.Outcome.FOREIGN);
        if (!foreign.isEmpty()) {
            throw new SetupException("vault: nothing was changed, for what is there is not ours to change", foreign);
        }
        List<Right> rights = new ArrayList<>(withCredentials ? toGiveCredentials() : List.of());
        before.forEach((part, lines) -> rights.addAll(SetupLine.allHold(lines) ? List.of() : part.toApply()));
        demand(vault, rights);
        for (Map.Entry<Part, List<SetupLine>> entry : before.entrySet()) {
            if (SetupLine.allHold(entry.getValue())) {
                progress.accept(SetupLine.kept(entry.getValue().getFirst().where()));
            } else {
                entry.getKey().apply(vault).forEach(progress);
            }
        }
        List<String> wrong = new ArrayList<>();
        for (SetupLine line :
                looked(vault).values().stream().flatMap(List::stream).toList()) {
            if (line.isWrong()) {
                wrong.add(line.sentence());
            }
        }
        if (!wrong.isEmpty()) {
            throw new SetupException("vault: written, but not everything holds", wrong);
        }
    }

    /** The settings with the ids of the issuers that the last check or apply came upon. */
    public VaultSettings found() {
        return settings.withIssuers(
                issuer.id().or(settings::issuer),
                root.found().map(VaultIssuer::id).or(settings::rootIssuer));
    }

    /** The role id and a new secret id, when the settings log in by AppRole; each call makes another one. */
    public Optional<Credentials> credentials(Vault vault) throws VaultException {
        return credentials(vault, vault);
    }

    /** The same with the secret id wrapped: {@code wrapping} is {@link VaultGateway#wrapping} for the same token. */
    public Optional<Credentials> credentials(Vault vault, Vault wrapping) throws VaultException {
        if (!(settings.auth() instanceof VaultAuth.AppRole appRole)) {
            return Optional.empty();
        }
        String role = LoginParts.rolePath(appRole);
        VaultAnswer secret = wrapping.write(role + "/secret-id", Map.of());
        return Optional.of(new Credentials(
                vault.read(role + "/role-id").text("role_id").orElse(""),
                secret.text("secret_id").or(() -> secret.text("token")).orElse("")));
    }

    /** What an AppRole login takes; {@code secretId} may be a token that unwraps to it. Secrets; never printed. */
    public record Credentials(String roleId, String secretId) {
        @Override
        public String toString() {
            return "credentials of role id " + roleId;
        }
    }

    private List<Right> toGiveCredentials() {
        return settings.auth() instanceof VaultAuth.AppRole appRole
                ? List.of(
                        Right.of(LoginParts.rolePath(appRole) + "/role-id", "read"),
                        Right.of(LoginParts.rolePath(appRole) + "/secret-id", "update"))
                : List.of();
    }

    private List<Right> toCheck() {
        List<Right> rights = new ArrayList<>();
        Stream.of(ofRoot, others).flatMap(List::stream).forEach(part -> rights.addAll(part.toCheck()));
        return rights;
    }

    private Map<Part, List<SetupLine>> looked(Vault vault) throws VaultException {
        List<Part> parts = new ArrayList<>();
        if (!rootIsElsewhere(vault)) {
            parts.addAll(ofRoot);
        }
        parts.addAll(others);
        Map<Part, List<SetupLine>> looked = new LinkedHashMap<>();
        for (Part part : parts) {
            looked.put(part, part.check(vault));
        }
        return looked;
    }

    /** An intermediate that a root outside of this Vault has signed needs none here. */
    private boolean rootIsElsewhere(Vault vault) throws VaultException {
        return !modes.contains(AuthorityKind.VAULT_INTERMEDIATE)
                && settings.issuer().isPresent()
                && Part.find(vault, Mount.path(settings.rootMount())).isEmpty();
    }

    /** Before anything is changed: a set-up that stops in the middle leaves a mesh that cannot be issued for. */
    private static void demand(Vault vault, List<Right> rights) throws VaultException, SetupException {
        List<String> missing;
        try {
            missing = Right.missing(vault, new LinkedHashSet<>(rights));
        } catch (VaultException e) {
            if (e.kind() == VaultException.Kind.FORBIDDEN) {
                throw new SetupException(
                        TOKEN + ": refused (expected: a valid one that may ask for its rights, sys/capabilities-self)");
            }
            throw e;
        }
        if (!missing.isEmpty()) {
            throw new SetupException(TOKEN + ": rights are missing, nothing was changed", missing);
        }
    }

    private static List<String> sentences(Iterable<List<SetupLine>> all, SetupLine.Outcome outcome) {
        List<String> sentences = new ArrayList<>();
        for (List<SetupLine> lines : all) {
            lines.stream()
                    .filter(line -> line.outcome() == outcome)
                    .map(SetupLine::sentence)
                    .forEach(sentences::add);
        }
        return sentences;
    }
}
