package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.TrustDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the control plane may do in Vault, and nothing else: whoever steals its token can sign for this trust domain until it is taken away, and change nothing. */
record ControlPlanePolicy(VaultSettings settings, TrustDomain trustDomain, Set<AuthorityKind> modes) {
    /** One for all modes: on the way from one to the other a control plane needs both. */
    String name() {
        return "sallyport-" + trustDomain.name();
    }

    /** Of whatever issuer: after a rotation it is another one. */
    List<Right> rights() {
        List<Right> rights = new ArrayList<>();
        if (modes.contains(AuthorityKind.VAULT_LEAF)) {
            rights.add(Right.of(
                    VaultIssuer.path(settings.mount(), VaultIssuer.ANY) + "/sign/" + settings.role(), "update"));
            rights.add(Right.of(settings.mount() + "/revoke", "update"));
        }
        if (modes.contains(AuthorityKind.VAULT_INTERMEDIATE)) {
            rights.add(
                    Right.of(VaultIssuer.path(settings.rootMount(), VaultIssuer.ANY) + "/sign-intermediate", "update"));
        }
        rights.add(Right.of("auth/token/lookup-self", "read"));
        rights.add(Right.of("auth/token/renew-self", "update"));
        rights.add(Right.of("auth/token/revoke-self", "update"));
        rights.add(Right.of(Right.SELF, "update"));
        if (settings.auth() instanceof VaultAuth.AppRole appRole) {
            // Until when its secret id is good; of others it learns nothing that it does not know already.
            rights.add(Right.of(LoginParts.rolePath(appRole) + "/secret-id/lookup", "update"));
        }
        return rights;
    }

    /** HCL. */
    String text() {
        return Right.policy(
                "Sallyport control plane of trust domain " + trustDomain.name()
                        + ": signs, and keeps its own token alive. No role, no mount, no policy, no sudo.",
                rights());
    }

    /** Endpoints by which a token could have more signed than it should, or give itself more rights; none of them may be open to the control plane. */
    List<String> forbidden() {
        List<String> paths = new ArrayList<>();
        for (String mount : List.of(settings.mount(), settings.rootMount())) {
            String issuer = VaultIssuer.path(mount, VaultIssuer.ANY);
            paths.addAll(List.of(
                    mount + "/sign-verbatim",
                    mount + "/sign-verbatim/" + settings.role(),
                    issuer + "/sign-verbatim",
                    issuer + "/sign-self-issued",
                    mount + "/root/sign-self-issued",
                    mount + "/issue/" + settings.role(),
                    issuer + "/issue/" + settings.role(),
                    mount + "/roles/" + settings.role(),
                    mount + "/roles/other",
                    issuer,
                    mount + "/config/issuers",
                    mount + "/root/generate/internal",
                    mount + "/intermediate/set-signed",
                    "sys/mounts/" + mount));
        }
        paths.add("sys/policies/acl/" + name());
        paths.add("auth/token/create");
        paths.add("sys/auth/approle");
        return paths;
    }
}
