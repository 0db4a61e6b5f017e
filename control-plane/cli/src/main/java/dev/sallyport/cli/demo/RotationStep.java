package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.load.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** 7. Every sidecar gets a new key and certificate while checkouts run; it holds when none failed and no open connection stands on an old one. */
final class RotationStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration BEFORE_AND_AFTER = Duration.ofSeconds(1);

    @Override
    public String name() {
        return "every certificate is rotated under load, and no request fails";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        Map<String, String> old = serials(scene);
        Load load = Load.start(() -> scene.client()
                .post(scene.checkout(), Optional.of(token), Scene.CHECKOUT_HOPS)
                .failure());
        List<String> left;
        long took;
        int before;
        int after;
        try {
            Thread.sleep(BEFORE_AND_AFTER);
            before = connections(scene);
            long started = System.nanoTime();
            Scene.Ran rotated = Scene.run(
                    "certs",
                    "rotate",
                    "--all",
                    "--context",
                    scene.shop().context().toString());
            observation.must(rotated.exit() == 0, "certs rotate --all: " + firstLine(rotated));
            left = Until.within(LIMIT, () -> {
                        List<String> remaining = remaining(scene, old);
                        return remaining.isEmpty() ? Optional.of(remaining) : Optional.empty();
                    })
                    .orElse(remaining(scene, old));
            took = (System.nanoTime() - started) / 1_000_000;
            Thread.sleep(BEFORE_AND_AFTER);
            after = connections(scene);
        } finally {
            load.stop();
        }
        Load.Result result = load.result();
        Map<String, String> now = serials(scene);
        // Without these an empty page would pass for one without an old serial.
        observation.must(
                before > 0 && after > 0,
                "open ends of mTLS connections under load: " + before + " before, " + after + " after");
        int sidecars = scene.shop().sidecars().size();
        long fresh = fresh(old, now);
        observation.must(fresh == sidecars, "new serials: " + fresh + ", one for each of " + sidecars + " sidecars");
        observation.must(
                left.isEmpty(),
                left.isEmpty()
                        ? "after " + took
                                + " ms every sidecar has a new serial, and no open connection shows an old one"
                        : "after " + took + " ms still: " + String.join("; ", left));
        observation.must(
                result.sent() > 0 && result.failed() == 0,
                "requests sent " + result.sent() + " (" + result.perSecond() + "/s through three services), failed "
                        + result.failed()
                        + ", slowest " + result.slowest().toMillis() + " ms"
                        + result.firstFailure()
                                .map(why -> ", first failure: " + why)
                                .orElse(""));
        now.forEach((service, serial) -> observation.saw(service + ": serial " + old.get(service) + " → " + serial));
        observation.repeat(Scene.shell(
                "certs", "rotate", "--all", "--context", scene.shop().context().toString()));
        observation.repeat("curl -s http://" + scene.shop().sidecar("orders").admin() + "/connections");
    }

    private static Map<String, String> serials(Scene scene) throws IOException, InterruptedException {
        Map<String, String> serials = new TreeMap<>();
        for (Sidecar sidecar : scene.shop().sidecars()) {
            String url = "http://" + sidecar.admin() + "/certs";
            String serial = scene.client().page(url).path("serial").asText();
            if (serial.isEmpty()) {
                throw new IOException(url + ": no serial");
            }
            serials.put(sidecar.service(), serial);
        }
        return serials;
    }

    /** How many serials there are that no sidecar had before. */
    static long fresh(Map<String, String> old, Map<String, String> now) {
        return now.values().stream()
                .distinct()
                .filter(serial -> !serial.isEmpty() && !old.containsValue(serial))
                .count();
    }

    /** Ends of open mTLS connections, over all sidecars. */
    private static int connections(Scene scene) throws IOException, InterruptedException {
        int count = 0;
        for (Sidecar sidecar : scene.shop().sidecars()) {
            count += connections(scene, sidecar).size();
        }
        return count;
    }

    private static JsonNode connections(Scene scene, Sidecar sidecar) throws IOException, InterruptedException {
        String url = "http://" + sidecar.admin() + "/connections";
        JsonNode connections = scene.client().page(url).path("connections");
        for (JsonNode open : connections) {
            if (open.path("ownSerial").asText().isEmpty()
                    || open.path("peerSerial").asText().isEmpty()) {
                throw new IOException(url + ": a connection without serials");
            }
        }
        if (!connections.isArray()) {
            throw new IOException(url + ": no list of connections");
        }
        return connections;
    }

    /** What still stands on an old certificate: sidecars, and open connections by either side's serial. */
    private static List<String> remaining(Scene scene, Map<String, String> old)
            throws IOException, InterruptedException {
        List<String> remaining = new ArrayList<>();
        serials(scene).forEach((service, serial) -> {
            if (old.containsValue(serial)) {
                remaining.add(service + " has serial " + serial);
            }
        });
        for (Sidecar sidecar : scene.shop().sidecars()) {
            for (JsonNode open : connections(scene, sidecar)) {
                if (old.containsValue(open.path("ownSerial").asText())
                        || old.containsValue(open.path("peerSerial").asText())) {
                    remaining.add(
                            sidecar.service() + " " + open.path("direction").asText() + " "
                                    + open.path("peer").asText());
                }
            }
        }
        return remaining;
    }

    private static String firstLine(Scene.Ran ran) {
        return (ran.out() + ran.err()).lines().findFirst().orElse("exit " + ran.exit());
    }
}
