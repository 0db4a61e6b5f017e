package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sallyport run}: a real process joins a real mesh with one command. */
class RunCommandTest {
    @TempDir
    Path folder;

    @Test
    void startsTheCommandBehindItsSidecarAndEndsWithItsExitCode() throws Exception {
        try (Mesh mesh = Mesh.start(folder)) {
            mesh.startBack();
            mesh.createToken("back");
            Shell.Result result = Shell.run(
                    List.of(
                            Archive.launcher().toString(),
                            "run",
                            "--service",
                            "front",
                            "--application",
                            "127.0.0.1:9",
                            "--state",
                            folder.resolve("run-front").toString(),
                            "--upstream",
                            "back=127.0.0.1:0",
                            "--context",
                            mesh.context(),
                            "--",
                            "sh",
                            "-c",
                            "curl -s -o /dev/null -w 'status=%{http_code}' http://$SALLYPORT_UPSTREAM_BACK/things/1; exit 23"),
                    Map.of(),
                    "");
            assertThat(result.exit()).as(result.err()).isEqualTo(23);
            assertThat(result.out()).contains("status=200");
        }
    }
}
