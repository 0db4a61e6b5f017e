package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.BenchIssuer;
import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.benchmarks.pair.TwoCallers;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What {@code bench tokens} sends, by configuration. When and how long is still to be said.
 *
 * @param measured sent by {@code load}
 * @param beside sent by {@code other} meanwhile
 */
record TokenLoads(Plan measured, Optional<Plan> beside) {
    static final String NONE = "none";
    static final String PADDED = "padded";
    static final String TOKEN = "token";
    static final String HANDLE = "handle";
    static final String ALONE = "alone";
    static final String GOOD = "good";
    static final String FLOOD = "flood";

    /** One caller: what a token costs. */
    static final List<String> COSTS = List.of(NONE, PADDED, TOKEN, HANDLE);
    /** Two callers: what one can do to the other. */
    static final List<String> NEIGHBOURS = List.of(ALONE, GOOD, FLOOD);

    /** Who asks whom, and how; {@code forged}: tokens before the first comes again. */
    record Setting(TwoCallers sidecars, TokenMesh mesh, int bytes, int connections, int forged) {
        TokenLoads of(String configuration) {
            List<String> token = bearer(mesh.issuer(), TokenMesh.SHOP, 1);
            return switch (configuration) {
                case NONE -> alone("none", List.of(""));
                case PADDED -> alone("none", List.of(token.getFirst().replace("authorization", "x-padding-abc")));
                case TOKEN, ALONE -> alone("user", token);
                case HANDLE -> alone("trip", bearer(mesh.issuer(), TokenMesh.TRAVEL, 1));
                case GOOD -> both(token, token);
                case FLOOD -> both(token, bearer(BenchIssuer.create(), TokenMesh.SHOP, forged));
                default -> throw new IllegalArgumentException(configuration);
            };
        }

        private TokenLoads alone(String route, List<String> headers) {
            return new TokenLoads(plan(sidecars.load(), route, headers), Optional.empty());
        }

        private TokenLoads both(List<String> ours, List<String> others) {
            return new TokenLoads(
                    plan(sidecars.load(), "user", ours), Optional.of(plan(sidecars.other(), "user", others)));
        }

        private Plan plan(InetSocketAddress target, String route, List<String> headers) {
            List<byte[]> requests = headers.stream()
                    .map(lines -> TokenMesh.request(bytes, route, lines).getBytes(StandardCharsets.US_ASCII))
                    .toList();
            return new Plan(target, requests, bytes, connections, OptionalDouble.empty(), Duration.ZERO, Duration.ZERO);
        }
    }

    /** Header lines with as many users' tokens, all different. */
    private static List<String> bearer(BenchIssuer signer, String issuer, int count) {
        return IntStream.range(100_000, 100_000 + count)
                .mapToObj(number ->
                        "authorization: Bearer " + TokenMesh.token(signer, issuer, "alice-" + number) + "\r\n")
                .toList();
    }
}
