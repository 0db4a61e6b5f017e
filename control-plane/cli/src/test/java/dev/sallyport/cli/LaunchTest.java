package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.cli.testing.FakeLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchTest {
    private static final Duration READY = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private FakeLauncher launcher;

    @BeforeEach
    void fake() throws IOException {
        launcher = new FakeLauncher(folder);
    }

    @AfterEach
    void restore() {
        launcher.close();
    }

    @Test
    void endsWithItsStandardInput() throws Exception {
        List<String> stderr = new CopyOnWriteArrayList<>();
        try (Launch launch = start(stderr, "good")) {
            assertThat(launch.awaitReady(READY).path("outbound").asText()).isEqualTo("127.0.0.1:41002");
            assertThat(launch.isAlive()).isTrue();
            assertThat(launch.stop()).isZero();
        }
        assertThat(stderr).containsExactly("{\"level\":\"info\",\"message\":\"serving\"}");
        assertThat(launcher.said()).contains("--end-with-stdin").endsWith("stopped cleanly\n");
    }

    @Test
    void oneThatIsDeafToItsInputGetsTerm() throws Exception {
        try (Launch launch = start(new CopyOnWriteArrayList<>(), "deaf", Duration.ofMillis(200))) {
            var _ = launch.awaitReady(READY);
            assertThat(launch.stop()).isEqualTo(128 + 15);
        }
    }

    @Test
    void oneThatIgnoresTermIsKilled() throws Exception {
        try (Launch launch = start(new CopyOnWriteArrayList<>(), "stubborn", Duration.ofMillis(200))) {
            var _ = launch.awaitReady(READY);
            assertThat(launch.stop()).isEqualTo(128 + 9);
        }
    }

    @Test
    void endBeforeReadinessIsToldWithItsLastWord() throws Exception {
        try (Launch launch = start(new CopyOnWriteArrayList<>(), "broken")) {
            CliException e = catchThrowableOfType(CliException.class, () -> launch.awaitReady(READY));
            assertThat(e.exitCode()).isEqualTo(ExitCode.FAILURE);
            assertThat(e)
                    .hasMessageContaining("ended before it was ready (exit code 1)")
                    .hasMessageContaining("127.0.0.1:1 (expected: a free port)");
        }
    }

    @Test
    void silenceTimesOut() throws Exception {
        try (Launch launch = start(new CopyOnWriteArrayList<>(), "silent")) {
            CliException e = catchThrowableOfType(CliException.class, () -> launch.awaitReady(Duration.ofMillis(100)));
            assertThat(e.exitCode()).isEqualTo(ExitCode.TIMEOUT);
        }
    }

    @Test
    void stderrMayGoToAFile() throws Exception {
        Path log = folder.resolve("log");
        try (Launch launch = Launch.start(log, "proxy", List.of("--service", "broken"))) {
            assertThat(launch.onExit().get(20, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(Files.readString(log)).contains("expected: a free port");
    }

    @Test
    void withoutALauncherNothingStarts() {
        launcher.close();
        CliException e = catchThrowableOfType(CliException.class, () -> start(new CopyOnWriteArrayList<>(), "good"));
        assertThat(e).hasMessageContaining("launcher: unknown");
    }

    private static Launch start(List<String> stderr, String service) throws CliException {
        return Launch.start(stderr::add, "proxy", List.of("--service", service));
    }

    private static Launch start(List<String> stderr, String service, Duration grace) throws CliException {
        return Launch.start(stderr::add, "proxy", List.of("--service", service)).withGrace(grace);
    }
}
