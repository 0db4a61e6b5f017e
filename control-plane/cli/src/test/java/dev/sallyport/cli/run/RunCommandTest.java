package dev.sallyport.cli.run;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.cli.Cli;
import dev.sallyport.cli.testing.FakeLauncher;
import dev.sallyport.cli.testing.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private FakeLauncher launcher;
    private Path joinFile;

    @BeforeEach
    void fake() throws IOException {
        launcher = new FakeLauncher(folder);
        joinFile = Files.writeString(folder.resolve("orders.join"), "{}");
    }

    @AfterEach
    void restore() {
        launcher.close();
    }

    @Test
    void commandFindsTheMeshAndItsExitCodeIsOurs() throws Exception {
        Ran ran = run(
                "orders",
                "sh",
                "-c",
                "echo $SALLYPORT_OUTBOUND $SALLYPORT_UPSTREAM_ORDER_STORE > " + folder.resolve("seen") + "; exit 23");

        assertThat(ran.exit()).as(ran.toString()).isEqualTo(23);
        assertThat(folder.resolve("seen")).hasContent("127.0.0.1:41002 127.0.0.1:41003");
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("sidecar ready: spiffe://shop.example/sa/orders");
        assertThat(launcher.said())
                .startsWith("proxy --service orders --application 127.0.0.1:8080 --state " + folder.resolve("state"))
                .contains(
                        "--inbound 127.0.0.1:0",
                        "--admin 127.0.0.1:0",
                        "--join-file " + joinFile,
                        "--upstream order-store=127.0.0.1:0")
                .endsWith("stopped cleanly\n");
    }

    @Test
    void deathOfTheSidecarStopsTheCommand() throws Exception {
        Ran ran = run(
                "mortal",
                "sh",
                "-c",
                "trap 'echo told > " + folder.resolve("told") + "; exit 0' TERM; while :; do sleep 0.05; done");

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).contains("sidecar: ended by itself; sh was stopped");
    }

    @Test
    void sidecarThatDoesNotStartStartsNoCommand() throws Exception {
        Path ran = folder.resolve("ran");
        assertThat(run("broken", "touch", ran.toString()).exit()).isEqualTo(1);
        assertThat(run("silent", "touch", ran.toString()).exit()).isEqualTo(7);
        assertThat(ran).doesNotExist();
    }

    @Test
    void commandThatIsNoneIsNamed() throws Exception {
        Ran ran = run("orders", folder.resolve("nothing").toString());
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err()).contains("nothing: cannot be started");
        assertThat(launcher.said()).endsWith("stopped cleanly\n");
    }

    @Test
    void withoutAnythingToJoinWithNothingStarts() {
        sallyport(
                        "run",
                        "--service",
                        "orders",
                        "--application",
                        "127.0.0.1:8080",
                        "--state",
                        folder.resolve("state"),
                        "--context",
                        folder.resolve("none.json"),
                        "--",
                        "true")
                .refused(1, "nothing to join with", "--join-file");
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143, 41", "INT, 130, 42", "HUP, 129, 43"})
    void signalsReachTheCommandAndItsAnswerIsOurs(String signal, int unhandled, int handled) throws Exception {
        assertThat(signalled(signal, "while :; do sleep 0.05; done")).isEqualTo(unhandled);
        assertThat(signalled(signal, "trap 'exit " + handled + "' " + signal + "; while :; do sleep 0.05; done"))
                .isEqualTo(handled);
        assertThat(launcher.said()).endsWith("stopped cleanly\n");
    }

    @Test
    void signalWhileTheSidecarStartsEndsEverything() throws Exception {
        Process process = process("silent", "true");
        await().atMost(LIMIT).until(() -> launcher.said().contains("proxy"));
        signal(process, "TERM");
        assertThat(process.waitFor(LIMIT)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(launcher.said()).endsWith("stopped cleanly\n");
    }

    /** A process of its own: its signals are not ours. */
    private int signalled(String signal, String script) throws Exception {
        Path started = folder.resolve("started");
        Files.deleteIfExists(started);
        // The marker is made after any trap in the script was set.
        int loop = script.indexOf("while");
        String marked = script.substring(0, loop) + "touch " + started + "; " + script.substring(loop);
        Process process = process("orders", "sh", "-c", marked);
        await().atMost(LIMIT).until(() -> Files.exists(started));
        signal(process, signal);
        assertThat(process.waitFor(LIMIT)).as("end after SIG" + signal).isTrue();
        return process.exitValue();
    }

    private Process process(String service, String... command) throws IOException {
        // A signal that is ignored stays so for every child, and under nohup or in the background of a script some are.
        List<String> line = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT,HUP,TERM",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dsallyport.launcher=" + launcher.script,
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        line.addAll(arguments(service, command));
        return new ProcessBuilder(line)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(folder.resolve("stderr").toFile())
                .start();
    }

    private static void signal(Process process, String signal) throws Exception {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid()).start();
        assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(kill.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
    }

    private Ran run(String service, String... command) {
        return sallyport(arguments(service, command).toArray());
    }

    private List<String> arguments(String service, String... command) {
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "--service",
                service,
                "--application",
                "127.0.0.1:8080",
                "--state",
                folder.resolve("state").toString(),
                "--join-file",
                joinFile.toString(),
                "--upstream",
                "order-store=127.0.0.1:0",
                "--timeout",
                service.equals("silent") && command[0].equals("touch") ? "200ms" : "30s",
                "--"));
        arguments.addAll(List.of(command));
        return arguments;
    }
}
