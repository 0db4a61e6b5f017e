package dev.sallyport.benchmarks.pair;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A {@link SallyportPair} of which each request leaves a span on each side for one {@link Sink}, and a line in an access log.
 *
 * @param metrics where both sidecars are scraped
 */
public record SinkPair(Pair pair, Sink sink, List<InetSocketAddress> metrics) implements AutoCloseable {
    private static final Pattern COUNT =
            Pattern.compile("sallyport_(spans|access_log_lines)_total\\{(?:.*,)?result=\"(\\w+)\".*} (\\S+)");

    public SinkPair {
        metrics = List.copyOf(metrics);
    }

    public static SinkPair start(SallyportPair plain) throws IOException, InterruptedException {
        Sink sink = Sink.start();
        try {
            Sidecars sidecars = plain.sidecars();
            Sidecars.Running inbound = sidecars.callee(BenchMesh.CALLEE, configuration(sink, BenchMesh.CALLEE));
            Sidecars.Running outbound =
                    sidecars.caller(BenchMesh.CALLER, BenchMesh.CALLEE, inbound, configuration(sink, BenchMesh.CALLER));
            Pair pair = plain.pair(plain.name(), outbound, inbound, () -> {
                List.of(outbound, inbound).forEach(sidecars::stop);
                sink.close();
            });
            return new SinkPair(pair, sink, List.of(outbound.metrics(), inbound.metrics()));
        } catch (IOException | InterruptedException | RuntimeException e) {
            sink.close();
            throw e;
        }
    }

    private static String configuration(Sink sink, String service) {
        return "traces: {endpoint: \"http://127.0.0.1:%d\", ratio: 1}\naccessLog: {to: ./access-%s.log}\n"
                .formatted(sink.address().getPort(), service);
    }

    /** Since the start and of both sides together, as {@code spans sent}, {@code access_log_lines dropped}. */
    public Map<String, Long> counts() throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        for (InetSocketAddress address : metrics) {
            String page = "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/metrics";
            try (InputStream in = URI.create(page).toURL().openStream()) {
                COUNT.matcher(new String(in.readAllBytes(), UTF_8))
                        .results()
                        .forEach(found -> counts.merge(
                                found.group(1) + " " + found.group(2),
                                (long) Double.parseDouble(found.group(3)),
                                Long::sum));
            }
        }
        return counts;
    }

    @Override
    public void close() {
        pair.close();
    }
}
