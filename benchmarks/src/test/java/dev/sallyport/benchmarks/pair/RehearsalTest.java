package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.benchmarks.load.FirstAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Workplace workplace;
    private Path folder;

    @BeforeEach
    void open() throws IOException {
        workplace = Workplace.open();
        folder = workplace.folder("late");
    }

    @AfterEach
    void close() {
        workplace.close();
    }

    private Pair.Starter late() {
        return new Pair.Starter() {
            @Override
            public String name() {
                return "late";
            }

            @Override
            public Pair start() throws IOException, InterruptedException {
                int port = FreePort.find();
                Child child = workplace.start("late", folder.resolve("log"), program(String.valueOf(port)));
                child.firstLine(PATIENCE);
                return new Pair(
                        name(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        List.of(new Part("inbound", child.pids())),
                        () -> workplace.stop(child));
            }
        };
    }

    private ProcessBuilder program(String... words) {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LateServer.class.getName()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    private static long firstAnswer(Rehearsal rehearsal, Rehearsal.Running running) throws Exception {
        return FirstAnswer.await(
                () -> new Socket(
                        rehearsal.address().getAddress(), rehearsal.address().getPort()),
                REQUEST,
                running::alive,
                PATIENCE);
    }

    @Test
    void programThatRanBeforeIsStartedAgainAtTheSameAddressAndTimedToItsFirstGoodAnswer() throws Exception {
        Rehearsal rehearsal = Rehearsal.of(workplace, late());
        assertThat(workplace.children()).isEmpty(); // the rehearsal is over
        try (Rehearsal.Running running = rehearsal.start()) {
            long answered = firstAnswer(rehearsal, running);
            Duration ready = running.ready(PATIENCE);
            assertThat(answered - running.started())
                    .isGreaterThan(Duration.ofMillis(1).toNanos());
            assertThat(ready).isPositive();
            Pair pair = running.pair();
            assertThat(pair.parts()).singleElement().satisfies(part -> {
                assertThat(part.name()).isEqualTo("inbound");
                assertThat(part.cpuNanos()).isPositive();
            });
        }
        assertThat(workplace.children()).isEmpty();
    }

    @Test
    void whatAProgramKeepsIsThereInTheNextStartUnlessForgotten() throws Exception {
        Rehearsal rehearsal = Rehearsal.of(workplace, late());
        assertThat(rehearsal.keeps()).isTrue();
        rehearsal.forget();
        assertThat(rehearsal.keeps()).isFalse();
        assertThat(Files.exists(folder.resolve("log"))).isTrue(); // only its state
    }

    @Test
    void programThatEndsInsteadOfAnsweringFailsWithWhatItSaid() throws Exception {
        Child dead = workplace.start("dead", folder.resolve("log"), program("1", "dies"));
        try (Rehearsal.Running running = new Rehearsal(
                        "dead",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.find()),
                        List.of(new Rehearsal.Program("inbound", dead)),
                        workplace)
                .start()) {
            assertThatThrownBy(() -> firstAnswer(running.rehearsal(), running))
                    .hasMessageStartingWith("ended before it answered (last: ");
            assertThat(running.failure("gone")).hasMessage("dead: gone; it said: no reason to live");
        }
    }
}
