package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.SerialsInUse;
import dev.sallyport.cli.load.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Vault is stopped under load, and every sidecar is told to renew: with an intermediate of ours all do, without one all keep what they have; nobody fails either way. */
final class VaultGoneStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "Vault is gone, and no request fails";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        ShopVault vault = scene.shop().vault().orElseThrow();
        if (vault.foreign()) {
            observation.saw("not tried: the Vault of VAULT_ADDR is not ours to stop");
            return;
        }
        String token = scene.tokens().customer(Scene.USER);
        SerialsInUse before = SerialsInUse.of(scene.shop().api(), _ -> true);
        long failedBefore = failures(scene);
        Load load = Load.start(() -> scene.client()
                .post(scene.checkout(), Optional.of(token), Scene.CHECKOUT_HOPS)
                .failure());
        List<String> unchanged;
        long refused;
        try {
            scene.shop().stopVault();
            Scene.Ran told = Scene.run(
                    "certs",
                    "rotate",
                    "--all",
                    "--context",
                    scene.shop().context().toString());
            observation.must(
                    told.exit() == 0,
                    "Vault stopped; certs rotate --all: " + told.out().strip());
            boolean signsAlone = vault.kind() == AuthorityKind.VAULT_INTERMEDIATE;
            var _ = Until.within(LIMIT, () -> {
                boolean settled = signsAlone
                        ? unchanged(scene, before).isEmpty()
                        : failures(scene) - failedBefore >= Shop.MEMBERS.size();
                return settled ? Optional.of(settled) : Optional.empty();
            });
            unchanged = unchanged(scene, before);
            refused = failures(scene) - failedBefore;
        } finally {
            load.stop();
        }
        if (vault.kind() == AuthorityKind.VAULT_INTERMEDIATE) {
            observation.must(
                    unchanged.isEmpty(),
                    "new certificates, signed by the intermediate without Vault: "
                            + (Shop.MEMBERS.size() - unchanged.size()) + " of " + Shop.MEMBERS.size());
        } else {
            observation.must(
                    refused >= Shop.MEMBERS.size() && unchanged.size() == Shop.MEMBERS.size(),
                    refused + " renewals failed and will be tried again; " + unchanged.size() + " of "
                            + Shop.MEMBERS.size() + " sidecars keep the certificate that they have");
        }
        Load.Result result = load.result();
        observation.must(
                result.sent() > 0 && result.failed() == 0,
                "requests sent " + result.sent() + ", failed " + result.failed()
                        + result.firstFailure()
                                .map(why -> ", first failure: " + why)
                                .orElse(""));
        Scene.Ran status =
                Scene.run("status", "--context", scene.shop().context().toString());
        status.out()
                .lines()
                .filter(line -> line.contains("died now"))
                .map(String::strip)
                .forEach(observation::saw);
        observation.repeat(
                Scene.shell("status", "--context", scene.shop().context().toString()));
    }

    private static List<String> unchanged(Scene scene, SerialsInUse before) throws CliException {
        return before.unchanged(SerialsInUse.of(scene.shop().api(), _ -> true));
    }

    /** Renewals that failed since the start, over all sidecars. */
    private static long failures(Scene scene) throws IOException, InterruptedException {
        long failures = 0;
        for (Sidecar sidecar : scene.shop().sidecars()) {
            JsonNode page = scene.client().page("http://" + sidecar.admin() + "/stats");
            failures += page.path("renewalsFailed").asLong();
        }
        return failures;
    }
}
