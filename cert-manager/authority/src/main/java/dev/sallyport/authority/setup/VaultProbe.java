package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.TrustDomain;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks Vault, with the credentials of the control plane, for a throw-away certificate and for some that it must refuse, and judges the answers: what is mis-set shows as a sentence at
 * the start, not as a sidecar without a certificate in the night. The keys of what is signed are forgotten at once. Blocking.
 */
public final class VaultProbe {
    static final String FIX = "; run: sallyport vault setup --apply";

    /** With these a token has names signed that no role has allowed. */
    private static final String VERBATIM = "/sign-verbatim";

    private final AuthorityKind kind;
    private final VaultSettings settings;
    private final TrustDomain trustDomain;
    private final Duration leafLife;
    private final Clock clock;

    /** {@code kind}: one of the two of Vault. {@code leafLife}: what leaves will be asked for. */
    public VaultProbe(
            AuthorityKind kind, VaultSettings settings, TrustDomain trustDomain, Duration leafLife, Clock clock) {
        this.kind = kind;
        this.settings = settings;
        this.trustDomain = trustDomain;
        this.leafLife = leafLife;
        this.clock = clock;
    }

    /**
     * What is wrong or doubtful; nothing when all is well. {@code vault} is logged in as the control plane, {@code nobody} has no token.
     *
     * @throws VaultException there is no answer to judge: sealed, out of reach, too busy
     */
    public List<SetupLine> run(Vault vault, Vault nobody) throws VaultException {
        List<SetupLine> lines = new ArrayList<>();
        try {
            rights(vault, lines);
            switch (kind) {
                case VAULT_LEAF -> new LeafProbe(settings, trustDomain, leafLife, clock).run(vault, nobody, lines);
                case VAULT_INTERMEDIATE ->
                    new IntermediateProbe(settings, trustDomain, clock).run(vault, nobody, lines);
                case EMBEDDED -> throw new IllegalStateException("an embedded authority has no Vault to ask");
            }
        } catch (VaultException e) {
            lines.add(refusal("vault", e));
        }
        return lines.stream()
                .filter(line -> line.outcome() != SetupLine.Outcome.HOLDS)
                .toList();
    }

    /** Whatever may pass is thrown on. */
    static SetupLine refusal(String where, VaultException e) throws VaultException {
        String message = String.valueOf(e.getMessage());
        boolean wrong = switch (e.kind()) {
            case REFUSED, FORBIDDEN, NOT_FOUND -> true;
            // Of an issuer that is missing or may not sign, and of AIA templates that lead nowhere, Vault says 500.
            case AMBIGUOUS -> message.contains("issuer") || message.contains("AIA");
            case BEHIND, BUSY, UPSTREAM, SEALED, UNREACHABLE -> false;
        };
        if (!wrong) {
            throw e;
        }
        return SetupLine.wrong(where, message);
    }

    private void rights(Vault vault, List<SetupLine> lines) throws VaultException {
        ControlPlanePolicy needed = new ControlPlanePolicy(settings, trustDomain, EnumSet.of(kind));
        // Nothing without which it works, if less well.
        Collection<Right> wanted = needed.rights().stream()
                .filter(right -> right.path().contains(VaultIssuer.ANY))
                .map(right -> new Right(named(right.path()), right.capabilities()))
                .toList();
        for (String missing : Right.missing(vault, wanted)) {
            lines.add(SetupLine.wrong("control plane's token", missing + VaultProbe.FIX));
        }
        List<String> forbidden = needed.forbidden().stream().map(this::named).toList();
        Map<String, Set<String>> more = Right.granted(vault, forbidden);
        for (String path : forbidden) {
            if (more.containsKey(path)) {
                String what = "may " + more.get(path) + " " + path;
                lines.add(
                        path.contains(VERBATIM)
                                ? SetupLine.wrong(
                                        "control plane's token",
                                        what + " (expected: not at all; no role binds it)" + FIX)
                                : SetupLine.doubtful("control plane's token", what + " (expected: not at all)"));
            }
        }
    }

    /** Of the issuers of the settings: a policy may name them instead of any. */
    private String named(String path) {
        String leaves = VaultIssuer.path(settings.mount(), VaultIssuer.ANY);
        String intermediates = VaultIssuer.path(settings.rootMount(), VaultIssuer.ANY);
        return path.replace(
                        leaves,
                        VaultIssuer.path(settings.mount(), settings.issuer().orElse(VaultIssuer.ANY)))
                .replace(
                        intermediates,
                        VaultIssuer.path(
                                settings.rootMount(), settings.rootIssuer().orElse(VaultIssuer.ANY)));
    }
}
