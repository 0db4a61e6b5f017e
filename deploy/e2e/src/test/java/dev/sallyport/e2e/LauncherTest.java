package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher's own decisions, on a small tree with a recording Maven and a JDK that only prints its arguments. */
class LauncherTest {
    @TempDir
    Path folder;

    private Path checkout;
    private Map<String, String> environment;

    @BeforeEach
    void makeTree() throws IOException {
        checkout = Files.createDirectory(folder.resolve("check out")).toRealPath();
        Files.copy(Archive.launcher(), checkout.resolve("sallyport"));
        write("pom.xml", "<project>\n<version>9.9</version>\n</project>");
        write(".mvn/jvm.config", "");
        write("README.md", "");
        write("LICENSE", "");
        for (String module : List.of("cert-manager/a", "control-plane/b", "deploy/dist", "proxy")) {
            write(module + "/pom.xml", "");
            write(module + "/src/main/A.java", "");
        }
        write("deploy/examples/x.yaml", "");
        String home = "deploy/dist/target/sallyport-9.9/sallyport-9.9";
        script(
                "tools/mvn",
                "echo \"$@\" >> '" + folder.resolve("maven-calls") + "'\nmkdir -p " + home + "/lib\ncp sallyport "
                        + home + "/\ntouch " + home + "/lib/sallyport-cli-9.9.jar\necho lib/x.jar:lib/y.jar > " + home
                        + "/lib/cli.classpath\n");
        script("jdk/bin/java", "printf '%s\\n' \"$@\"\n");
        script("jdk/bin/javac", "");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
        environment = new HashMap<>(Map.of(
                "SALLYPORT_JAVA",
                folder.resolve("jdk").toString(),
                "PATH",
                folder.resolve("tools") + ":" + System.getenv("PATH")));
        backdate();
    }

    @Test
    void buildsOnceAndNotAgainWhenNothingChanged() throws IOException {
        assertThat(launch("status").exit()).isZero();
        assertThat(builds()).hasSize(1);
        assertThat(launch("status").exit()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void buildsWithoutTests() throws IOException {
        launch("status");
        assertThat(builds().getFirst()).contains("-Pquick").contains("package");
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws IOException {
        launch("status");
        Files.setLastModifiedTime(
                checkout.resolve("proxy/src/main/A.java"),
                FileTime.from(Instant.now().plusSeconds(5)));
        launch("status");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void buildsAgainWhenASourceWasDeleted() throws IOException {
        launch("status");
        Files.delete(checkout.resolve("cert-manager/a/src/main/A.java"));
        Files.setLastModifiedTime(
                checkout.resolve("cert-manager/a/src/main"),
                FileTime.from(Instant.now().plusSeconds(5)));
        launch("status");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void doesNotBuildForItsOwnChildren() throws IOException {
        launch("status");
        Files.setLastModifiedTime(
                checkout.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));
        environment.put("SALLYPORT_SKIP_BUILD", "1");
        launch("status");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void worksThroughARelativeSymlinkFromAnotherFolder() throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("sally"), Path.of("../check out/sallyport"));
        Shell.Result result = Shell.run(List.of(bin.resolve("sally").toString(), "status", "a b"), environment, "");
        assertThat(result.exit()).isZero();
        assertThat(result.out().lines())
                .contains(
                        "-Dsallyport.launcher=" + checkout.resolve("sallyport"),
                        "dev.sallyport.cli.Cli",
                        "status",
                        "a b");
    }

    @Test
    void namesEveryJarOfTheListInOrder() throws IOException {
        String lib = checkout.resolve("deploy/dist/target/sallyport-9.9/sallyport-9.9/lib")
                .toString();
        assertThat(launch("status").out().lines())
                .contains(lib + "/sallyport-cli-9.9.jar:" + lib + "/x.jar:" + lib + "/y.jar");
    }

    @Test
    void failedBuildSaysSoAndRunsNothing() throws IOException {
        script("tools/mvn", "echo '[ERROR] A.java:[1,1] does not compile'\nexit 1\n");
        Shell.Result result = launch("status");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("does not compile").contains("the build failed");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void olderJdkIsRefusedInOneSentence() throws IOException {
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.15\"\n");
        Shell.Result result = launch("status");
        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .startsWith("sallyport: SALLYPORT_JAVA: ")
                .contains("expected: the folder of a JDK 25");
    }

    @Test
    void verifyRunsTheWholeBuildAndCountsAsOne() throws IOException {
        assertThat(launch("verify", "-Dx=y").exit()).isZero();
        assertThat(builds()).singleElement().asString().contains("verify -Dx=y").doesNotContain("quick");
        launch("status");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void verifyCompilesAgainWhatTheQuickBuildDidNotCheck() throws IOException {
        launch("status");
        Path quick = checkout.resolve("proxy/target/classes/A.class");
        write("proxy/target/classes/A.class", "");
        launch("verify");
        assertThat(quick).doesNotExist();
        write("proxy/target/classes/A.class", "");
        launch("verify");
        assertThat(quick).exists();
    }

    @Test
    void benchIsBuiltForThoseWhoAskAndOnce() throws IOException {
        write("benchmarks/pom.xml", "");
        write("benchmarks/src/main/A.java", "");
        write("benchmarks/target/classes/A.class", "");
        write("benchmarks/target/benchmarks.classpath", "x.jar");
        backdate();
        launch("status");
        assertThat(builds()).hasSize(1);
        assertThat(launch("bench", "latency").out().lines())
                .contains("dev.sallyport.benchmarks.command.Bench", "latency")
                .contains(checkout.resolve("benchmarks/target/classes") + ":x.jar");
        launch("bench", "latency");
        assertThat(builds()).hasSize(2);
        assertThat(builds().getLast()).contains("-Pquick", "-pl benchmarks");
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "bench"})
    void archiveIsNeverBuilt(String command) {
        Shell.Result result = Shell.sallyport(command);
        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.err()).contains("this is an unpacked archive");
    }

    private Shell.Result launch(String... arguments) {
        List<String> command =
                new java.util.ArrayList<>(List.of(checkout.resolve("sallyport").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(command, environment, "");
    }

    private List<String> builds() throws IOException {
        Path calls = folder.resolve("maven-calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private void write(String file, String text) throws IOException {
        Path path = checkout.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void script(String file, String body) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "#!/usr/bin/env bash\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Everything an hour old, so that a stamp made now is newer, whatever the clock's grain. */
    private void backdate() throws IOException {
        FileTime past = FileTime.from(Instant.now().minusSeconds(3600));
        try (var paths = Files.walk(checkout)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.setLastModifiedTime(path, past);
            }
        }
    }
}
