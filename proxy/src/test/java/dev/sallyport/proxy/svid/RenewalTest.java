package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.ControlPlaneException;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.testing.ManualControl;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A certificate's whole life in a second: when the control plane is asked for the next one, and what is made of its answers. */
class RenewalTest {
    private static final long SEED = 7;
    private static final Duration LIFE = Duration.ofHours(6);

    @TempDir
    private Path folder;

    private final List<Instant> asked = new ArrayList<>();
    private TestMesh mesh;
    private TestHolder holder;
    private ManualControl control;
    private SvidClient client;
    private X509Svid first;
    /** What the control plane makes of a request. */
    private Function<Wire.Renewal, CompletableFuture<Reply>> answer = _ -> reply(500);

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        first = mesh.svid(mesh.id("orders"), LIFE);
        holder = new TestHolder(folder, mesh, first, Instant.now(), LIFE.dividedBy(2), SEED, this::asked);
        control = holder.control;
        client = holder.client;
        client.start();
    }

    @AfterEach
    void stop() {
        holder.close();
    }

    private CompletableFuture<Reply> asked(String path, Wire.Renewal renewal) {
        assertThat(path).isEqualTo(MeshNames.RENEW_PATH);
        asked.add(control.now());
        return answer.apply(renewal);
    }

    private static CompletableFuture<Reply> reply(int status) {
        return CompletableFuture.completedFuture(new Reply(status, Optional.empty(), new byte[0]));
    }

    private static CompletableFuture<Reply> busy(int status, Duration retryAfter) {
        return CompletableFuture.completedFuture(new Reply(status, Optional.of(retryAfter), new byte[0]));
    }

    private CompletableFuture<Reply> issue(Wire.Renewal renewal) {
        return holder.issued(mesh.chainPem(renewal.csrPem(), mesh.id("orders")));
    }

    static Stream<Arguments> outages() {
        return Stream.of(
                Arguments.of("refuses", reply(403)),
                Arguments.of("is busy for ever", busy(503, Duration.ofDays(365))),
                Arguments.of(
                        "is gone",
                        CompletableFuture.failedFuture(new ControlPlaneException("control plane: not connected"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outages")
    void controlPlaneIsAskedUntilTheEndAndNeverInHaste(String what, CompletableFuture<Reply> outage) {
        answer = _ -> outage;
        Instant renewAt = client.current().renewAt();
        control.runUntil(first.notAfter());
        assertThat(asked.getFirst()).isBetween(renewAt, renewAt.plusSeconds(30));
        assertThat(asked.getLast()).isAfter(first.notAfter().minusSeconds(5));
        for (int i = 1; i < asked.size(); i++) {
            Duration left = Duration.between(asked.get(i - 1), first.notAfter());
            Duration most = left.dividedBy(20).compareTo(Duration.ofSeconds(1)) > 0
                    ? left.dividedBy(20)
                    : Duration.ofSeconds(1);
            assertThat(Duration.between(asked.get(i - 1), asked.get(i)))
                    .as("seed %d, wait %d, with %s left", SEED, i, left)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(999))
                    .isLessThanOrEqualTo(most.plusMillis(2))
                    .isLessThanOrEqualTo(Duration.ofMinutes(5).plusMillis(2));
        }
        assertThat(holder.serial()).isEqualTo(first.serial());
        assertThat(client.failures()).isEqualTo(asked.size());
    }

    @Test
    void outageOfHalfALifeCostsHundredsOfRequestsNotThousands() {
        control.runUntil(first.notAfter());
        assertThat(asked).hasSizeBetween(100, 500);
    }

    @Test
    void behindTheEndItIsAskedNowAndThen() {
        control.runUntil(first.notAfter());
        int before = asked.size();
        control.runUntil(first.notAfter().plus(Duration.ofHours(2)));
        assertThat(asked.size() - before).isBetween(20, 100);
    }

    @Test
    void controlPlaneThatComesBackInTheLastSecondsIsInTime() {
        control.runUntil(first.notAfter().minusSeconds(10));
        answer = this::issue;
        control.runUntil(first.notAfter());
        assertThat(holder.serial()).isNotEqualTo(first.serial());
        assertThat(client.current().svid().serial()).isEqualTo(holder.serial());
    }

    @ParameterizedTest(name = "{0} with retry-after {1}: asked again after {2} to {3}")
    @CsvSource({
        "429, PT30S, PT30S, PT33S",
        "503, PT2M, PT2M, PT132S",
        "429, PT0S, PT1S, PT1.1S",
        "503, PT24H, PT5M, PT5M",
        // who is not busy has nothing to say about it
        "403, PT24H, PT1S, PT2S",
        "500, PT24H, PT1S, PT2S",
    })
    void busyControlPlaneIsLeftAloneForAsLongAsItAsks(int status, Duration retryAfter, Duration from, Duration to) {
        answer = _ -> busy(status, retryAfter);
        control.runUntil(client.current().renewAt().plus(Duration.ofMinutes(20)));
        assertThat(Duration.between(asked.get(0), asked.get(1))).isBetween(from.minusMillis(1), to.plusMillis(1));
    }

    @Test
    void renewalIsLiveStoredAndPlannedAgain() throws Exception {
        answer = this::issue;
        control.runUntil(client.current().renewAt().plusSeconds(31));
        assertThat(asked).hasSize(1);
        assertThat(holder.serial()).isNotEqualTo(first.serial());
        assertThat(holder.store.load().orElseThrow().svid().serial()).isEqualTo(holder.serial());
        assertThat(client.current().renewAt()).isEqualTo(asked.getFirst().plus(Duration.ofHours(12)));
        assertThat(holder.publisher.source().svid().orElseThrow().privateKey().getEncoded())
                .as("another key")
                .isNotEqualTo(first.privateKey().getEncoded());
    }
}
