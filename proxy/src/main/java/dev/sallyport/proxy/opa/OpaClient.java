package dev.sallyport.proxy.opa;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.OpaAddress;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.OpaMetrics;
import dev.sallyport.proxy.upstream.Address;
import dev.sallyport.proxy.upstream.Target;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Asks OPAs on behalf of one event loop, on which every method runs; nothing blocks. Exactly {@code {"result": true}} is a true answer; whatever goes wrong is
 * {@link dev.sallyport.policy.OpaAnswer#ERROR}, which denies. No answer is kept for another question: what OPA knows may change between two.
 */
public final class OpaClient {
    /** After this long without a question an OPA is forgotten, so that those which the Mesh no longer names leave nothing behind. */
    static final Duration UNUSED = Duration.ofMinutes(1);

    private final EventLoop loop;
    private final UpstreamPool pool;
    private final Snapshots snapshots;
    private final OpaMetrics metrics;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Map<OpaAddress, Agent> agents = new HashMap<>();

    /** {@code pool} is of the same loop; {@code snapshots} say where a mesh service is; {@code nanoTime} as {@link System#nanoTime}. */
    public OpaClient(
            EventLoop loop,
            UpstreamPool pool,
            Snapshots snapshots,
            OpaMetrics metrics,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.loop = loop;
        this.pool = pool;
        this.snapshots = snapshots;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.random = random;
        loop.scheduleWithFixedDelay(this::forget, UNUSED.toSeconds(), UNUSED.toSeconds(), TimeUnit.SECONDS);
    }

    /**
     * Asks {@code opa} about {@code input}, the document of {@link dev.sallyport.policy.OpaInput}. Calls {@code done} exactly once, on the loop, within {@link OpaQuery#timeout}, and
     * never before this returns.
     */
    public void ask(Mesh.OpaTarget opa, OpaQuery query, byte[] input, Consumer<OpaResult> done) {
        long askedAt = nanoTime.getAsLong();
        Consumer<Answer> answered = answer -> {
            metrics.answered(answer.value());
            Duration took = Duration.ofNanos(nanoTime.getAsLong() - askedAt);
            loop.execute(() -> done.accept(new OpaResult(answer.value(), answer.line(opa.name()), took)));
        };
        Optional<Target> target = target(opa.address());
        if (target.isEmpty()) {
            answered.accept(Answer.error("no endpoint (expected: a service of the Mesh that runs)"));
            return;
        }
        Agent agent = agents.computeIfAbsent(opa.address(), _ -> new Agent(new Breaker(nanoTime, random), metrics));
        Optional<String> refusal = agent.refusal(opa.concurrency(), askedAt);
        if (refusal.isPresent()) {
            answered.accept(Answer.error(refusal.get()));
            return;
        }
        new Question(pool, target.get(), request(opa.address(), query, input), (answer, alive) -> {
                    agent.ended(alive, answer.line(opa.name()));
                    answered.accept(answer);
                })
                .start(loop, query.timeout());
    }

    private Optional<Target> target(OpaAddress address) {
        return switch (address) {
            case OpaAddress.UnixSocket(String path) -> Optional.of(new Target.Neighbour(new Address.UnixSocket(path)));
            case OpaAddress.Loopback(HostPort at) -> Optional.of(new Target.Neighbour(new Address.Tcp(at)));
            case OpaAddress.InMesh(String service, int port) ->
                snapshots.current().flatMap(snapshot -> snapshot.sidecars(service, port));
        };
    }

    /** OPA's Data API: {@code POST /v1/data/shop/payment/allow}. Path and addresses are of a Mesh that was read strictly: none of them holds a blank or a line end. */
    private static byte[] request(OpaAddress address, OpaQuery query, byte[] input) {
        byte[] head = ("POST /v1/data/" + query.path() + " HTTP/1.1\r\nhost: " + authority(address)
                        + "\r\ncontent-type: application/json\r\ncontent-length: " + input.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(head, head.length + input.length);
        System.arraycopy(input, 0, request, head.length, input.length);
        return request;
    }

    private static String authority(OpaAddress address) {
        return switch (address) {
            case OpaAddress.UnixSocket _ -> "localhost";
            case OpaAddress.Loopback(HostPort at) -> at.toString();
            case OpaAddress.InMesh(String service, int port) -> service + ":" + port;
        };
    }

    private void forget() {
        long oldest = nanoTime.getAsLong() - UNUSED.toNanos();
        agents.values().removeIf(agent -> agent.retires(oldest));
    }
}
