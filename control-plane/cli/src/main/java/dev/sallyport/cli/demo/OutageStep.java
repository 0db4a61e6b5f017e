package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** 8. Nobody needs the control plane to pass; when it is back on its ports, everybody finds it again. */
final class OutageStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int REQUESTS = 20;

    @Override
    public String name() {
        return "the control plane stops and traffic goes on; it starts again and the sidecars reconnect";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        scene.shop().stopControlPlane();
        int good = 0;
        for (int i = 0; i < REQUESTS; i++) {
            good += scene.client()
                                    .post(scene.checkout(), Optional.of(token), Scene.CHECKOUT_HOPS)
                                    .status()
                            == 200
                    ? 1
                    : 0;
        }
        observation.must(
                good == REQUESTS,
                "control plane stopped: " + good + " of " + REQUESTS + " checkouts succeeded without it");

        long started = System.nanoTime();
        scene.shop().restartControlPlane();
        observation.saw("control plane up again after " + millisSince(started) + " ms, on the same ports");
        int connected = Until.within(LIMIT, () -> {
                    int count = connected(scene);
                    return count == Shop.MEMBERS.size() ? Optional.of(count) : Optional.empty();
                })
                .orElse(connected(scene));
        observation.must(
                connected == Shop.MEMBERS.size(),
                connected + " of " + Shop.MEMBERS.size() + " sidecars connected after " + millisSince(started) + " ms");
        Client.Answer after = scene.client().post(scene.checkout(), Optional.of(token), Scene.CHECKOUT_HOPS);
        observation.must(after.status() == 200, "a checkout after that: " + after.status());
        observation.repeat("kill " + scene.shop().controlPlanePid());
        scene.curlCheckout().forEach(observation::repeat);
        List<String> again = new ArrayList<>(List.of("control-plane"));
        again.addAll(scene.shop().samePorts());
        observation.repeat(Scene.shell(again.toArray(String[]::new)) + "   # until Ctrl-C; in another terminal:");
        observation.repeat(
                Scene.shell("status", "--context", scene.shop().context().toString()));
    }

    private static int connected(Scene scene) throws CliException {
        int count = 0;
        for (JsonNode sidecar : scene.shop().api().sidecars().path("sidecars")) {
            count += sidecar.path("connected").asBoolean() ? 1 : 0;
        }
        return count;
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
