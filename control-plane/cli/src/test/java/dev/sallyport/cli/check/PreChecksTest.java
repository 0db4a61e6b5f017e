package dev.sallyport.cli.check;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.testing.Ran;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreChecksTest {
    @TempDir
    private Path folder;

    private Path limits;

    @BeforeEach
    void machine() throws Exception {
        limits = limits("1048576");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    private Path limits(String openFiles) throws Exception {
        return Files.writeString(
                folder.resolve("limits"),
                "Limit                     Soft Limit           Hard Limit           Units\n"
                        + "Max processes             10                   10                   processes\n"
                        + "Max open files            " + openFiles + "                 1048576              files\n");
    }

    @Test
    void machineThatHasAllPasses() {
        assertThat(checks(25, List.of())).allMatch(check -> check.result() == Check.Result.OK);
    }

    @Test
    void olderJavaFails() {
        assertThat(checks(24, List.of()))
                .filteredOn(check -> check.result() == Check.Result.FAILED)
                .extracting(Check::code)
                .containsExactly(CheckCode.JAVA);
    }

    @Test
    void portThatIsInUseFailsAndIsFreeAfterwards() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
            assertThat(checks(25, List.of(port)))
                    .contains(Check.failed(
                            CheckCode.PORT,
                            "before installing",
                            "port " + port + " is in use",
                            "ss -ltnp 'sport = :" + port + "'"));
        }
        assertThat(checks(25, List.of(port))).allMatch(check -> check.result() == Check.Result.OK);
    }

    @ParameterizedTest
    @CsvSource({"65536, OK", "unlimited, OK", "4096, WARNING", "256, FAILED"})
    void openFilesAreCounted(String limit, Check.Result result) throws Exception {
        limits(limit);
        assertThat(checks(25, List.of()))
                .filteredOn(check -> check.code() == CheckCode.OPEN_FILES)
                .extracting(Check::result)
                .containsExactly(result);
    }

    @Test
    void stateFolderIsItsOwnersAlone() throws Exception {
        assertThat(rights(folder.resolve("new"))).isEqualTo(Check.Result.OK);
        assertThat(rights(folder)).isEqualTo(Check.Result.OK);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(rights(folder)).isEqualTo(Check.Result.FAILED);
        assertThat(rights(Files.writeString(folder.resolve("file"), ""))).isEqualTo(Check.Result.FAILED);
        assertThat(rights(folder.resolve("no/such/parent"))).isEqualTo(Check.Result.FAILED);
    }

    private Check.Result rights(Path state) {
        return new PreChecks()
                .all(25, Optional.of(state), List.of(), limits).stream()
                        .filter(check -> check.code() == CheckCode.FOLDER_RIGHTS)
                        .map(Check::result)
                        .findFirst()
                        .orElseThrow();
    }

    /** Which ports are free is this machine's matter. */
    @Test
    void nothingElseIsLookedAt() {
        Ran ran = sallyport("check", "--pre", "--context", folder.resolve("none"), "-o", "json");
        assertThat(ran.exit()).isIn(0, 1);
        for (JsonNode check : ran.json().path("checks")) {
            assertThat(check.path("category").asText()).isEqualTo("before installing");
        }
    }

    private List<Check> checks(int java, List<Integer> ports) {
        return new PreChecks().all(java, Optional.of(folder), ports, limits);
    }
}
