package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way to give up, on both sides at once, again and again: afterwards nothing is under way, no connection is left, direct memory is where it was, and each request that began is on record once. Some seconds in
 * every build, ten minutes with {@code -Psoak}.
 */
class AbortSoakTest {
    private static final Duration LENGTH =
            Boolean.getBoolean("sallyport.soak") ? Duration.ofMinutes(10) : Duration.ofSeconds(20);
    private static final int CLIENTS = 8;
    private static final long SLACK_BYTES = 8L << 20;

    /** What a client does with a request of its own. */
    private enum Client {
        WAITS,
        LEAVES_AT_ONCE,
        LEAVES_WITHIN_THE_HEAD,
        LEAVES_WITHIN_THE_BODY,
        LEAVES_WITHIN_THE_RESPONSE,
        SENDS_A_BAD_CHUNK,
        IS_DENIED_WITH_A_BODY,
        PIPELINES,
        CLOSES_ITS_HALF
    }

    private final AtomicLong done = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> broken = new ConcurrentLinkedQueue<>();

    @Test
    void nothingIsLeftOfWhatWasGivenUp(@TempDir Path folder) throws Exception {
        long seed = System.nanoTime();
        System.out.println("abort soak: seed " + seed + ", " + LENGTH.toSeconds() + " s");
        try (Hop hop = Hop.open(
                folder,
                Map.of(
                        "responseHead",
                        Duration.ofMillis(300),
                        "applicationIdle",
                        Duration.ofMillis(500),
                        "meshIdle",
                        Duration.ofMillis(500)))) {
            hop.orders.audit.forgetful = true;
            hop.web.audit.forgetful = true;
            Random answers = new Random(seed);
            hop.application.script = visit -> answer(visit, answers);
            run(hop, seed, LENGTH.dividedBy(10));
            long before = settled(hop);
            run(hop, seed + 1, LENGTH);
            long after = settled(hop);
            System.out.println("abort soak: " + done.get() + " requests, direct memory " + before + " → " + after
                    + " bytes, web " + hop.web.audit.reasons + ", orders " + hop.orders.audit.reasons);
            assertThat(broken).isEmpty();
            assertThat(after - before).isLessThan(SLACK_BYTES);
            for (TestSidecar sidecar : List.of(hop.web, hop.orders)) {
                long recorded = sidecar.audit.reasons.values().stream()
                        .mapToLong(LongAdder::sum)
                        .sum();
                long ended = 0;
                for (Reason reason : Reason.values()) {
                    ended += sidecar.metrics.requests(Direction.INBOUND, reason)
                            + sidecar.metrics.requests(Direction.OUTBOUND, reason);
                }
                assertThat(recorded).as(sidecar.service).isEqualTo(ended);
            }
        }
    }

    /** Direct memory once nothing is under way and every pooled connection has rested long enough to go. */
    private static long settled(Hop hop) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> hop.orders.dataPath.active() == 0 && hop.web.dataPath.active() == 0);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> hop.orders.connections.list().isEmpty()
                        && hop.web.connections.list().isEmpty());
        hop.application.forgetVisits();
        return PlatformDependent.usedDirectMemory();
    }

    private void run(Hop hop, long seed, Duration length) throws InterruptedException {
        long until = System.nanoTime() + length.toNanos();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed * 31 + i);
            clients.add(Thread.ofPlatform().start(() -> {
                try {
                    while (System.nanoTime() < until && broken.isEmpty()) {
                        once(hop, random);
                        if (done.incrementAndGet() % 500 == 0) {
                            hop.application.forgetEnded();
                        }
                    }
                } catch (Exception | AssertionError e) {
                    broken.add(e);
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
    }

    private static void once(Hop hop, Random random) throws Exception {
        Client what = Client.values()[random.nextInt(Client.values().length)];
        String body = "x".repeat(random.nextInt(20_000));
        String chunked = "POST /open/1 HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (RawClient client = random.nextInt(4) == 0 ? hop.inbound() : hop.outbound()) {
            switch (what) {
                case WAITS ->
                    client.send(Door.head("POST /open/1", "Content-Length: " + body.length(), "Connection: close")
                                    + body)
                            .rest();
                case LEAVES_AT_ONCE -> client.send(Door.head("GET /open/1"));
                case LEAVES_WITHIN_THE_HEAD -> client.send("GET /open/1 HTTP/1.1\r\nHos");
                case LEAVES_WITHIN_THE_BODY -> client.send(Door.head("POST /open/1", "Content-Length: 50000") + body);
                case LEAVES_WITHIN_THE_RESPONSE ->
                    client.send(Door.head("GET /open/1")).until("HTTP/1.1");
                case SENDS_A_BAD_CHUNK ->
                    client.send(chunked + "5\r\nhello\r\nz\r\n").rest();
                case IS_DENIED_WITH_A_BODY ->
                    client.send(Door.head("POST /admin/x", "Content-Length: " + body.length(), "Connection: close")
                                    + body)
                            .rest();
                case PIPELINES ->
                    client.send(Door.head("GET /open/1").repeat(3) + Door.head("GET /admin", "Connection: close"))
                            .rest();
                case CLOSES_ITS_HALF -> {
                    client.send(Door.head("GET /open/1"));
                    client.socket().shutdownOutput();
                    client.rest();
                }
            }
        } catch (IOException cut) {
            // By the other end, as it may be.
        }
    }

    /** Mostly an answer; sometimes none, half of one, nonsense, or the end. */
    private static void answer(RawApplication.Visit visit, Random random) throws IOException {
        while (true) {
            visit.request();
            int what;
            int length;
            synchronized (random) {
                what = random.nextInt(12);
                length = random.nextInt(60_000);
            }
            switch (what) {
                case 0 -> visit.close();
                case 1 -> {
                    visit.send("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nhalf");
                    visit.close();
                }
                case 2 -> visit.send("nonsense\r\n\r\n");
                case 3 -> visit.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nq");
                case 4 -> {} // Silence, until a clock runs out.
                case 5 -> visit.send(RawApplication.OK + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                case 6 -> {
                    visit.send("HTTP/1.1 200 OK\r\n\r\n" + "y".repeat(length));
                    visit.close();
                }
                default -> visit.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + "y".repeat(length));
            }
        }
    }
}
