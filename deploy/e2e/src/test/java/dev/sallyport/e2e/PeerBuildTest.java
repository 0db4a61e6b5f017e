package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** {@code deploy/e2e/peers/build} with a Go tool chain that only pretends: what it leaves in the cache, and what it does not. */
class PeerBuildTest {
    @TempDir
    Path home;

    private Path cache;

    @BeforeEach
    void publish() throws IOException {
        cache = home.resolve(".cache/sallyport-peers");
        Path published = Files.createDirectory(home.resolve("published"));
        Files.writeString(published.resolve("go.sum"), "sums\n");
        Files.writeString(published.resolve("go.mod"), """
                module github.com/grafana/loki/v3
                replace example.com/fork => example.com/other v1.0.0
                replace github.com/grafana/loki/pkg/push => ./pkg/push
                """);
        Files.createDirectory(home.resolve("bin"));
    }

    @Test
    void programIsBuiltOnceHoweverManyAsk() throws Exception {
        go("sleep 0.3");
        try (ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Shell.Result>> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                results.add(asking.submit(() -> build("loki")));
            }
            List<String> said = new ArrayList<>();
            for (Future<Shell.Result> result : results) {
                assertThat(result.get().exit()).as(result.get().toString()).isZero();
                result.get().err().lines().forEach(said::add);
            }
            assertThat(said).singleElement().asString().contains("building", "loki-3.7.8");
        }
        assertThat(cache.resolve("loki-3.7.8")).isExecutable();
        assertThat(Files.readString(cache.resolve("loki-3.7.8.log")).lines().filter("go build"::equals))
                .hasSize(1);
        assertThat(parts()).isEmpty();
    }

    @Test
    void modulesAreThoseOfTheirMakersButWhatPointsIntoTheirSources() throws Exception {
        go("true");
        Path loki = Files.createDirectory(home.resolve("loki"));
        assertThat(build("--modules", "loki", loki.toString()).exit()).isZero();
        assertThat(loki.resolve("go.mod"))
                .content()
                .contains("require github.com/grafana/loki/v3 v3.7.8", "replace example.com/fork")
                .doesNotContain("./pkg/push");
        Path jaeger = Files.createDirectory(home.resolve("jaeger"));
        assertThat(build("--modules", "jaeger", jaeger.toString()).exit()).isZero();
        assertThat(jaeger.resolve("go.mod")).content().contains("require github.com/jaegertracing/jaeger v1.76.0");
        assertThat(jaeger.resolve("go.sum")).content().isEqualTo("sums\n");
    }

    @Test
    void buildThatFailsLeavesItsLogAndNoProgram() throws Exception {
        go("echo no such module; exit 1");
        Shell.Result result = build("jaeger");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("not built: jaeger 1.76.0").contains("jaeger-1.76.0.log");
        assertThat(cache.resolve("jaeger-1.76.0")).doesNotExist();
        assertThat(cache.resolve("jaeger-1.76.0.log")).content().contains("no such module");
        assertThat(parts()).isEmpty();
    }

    @Test
    void nameThatNobodyBuildsIsRefused() {
        assertThat(build("zipkin").exit()).isEqualTo(2);
        assertThat(build("zipkin").err()).contains("jaeger, otelcol, loki");
        assertThat(build().exit()).isEqualTo(2);
        assertThat(cache).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void peerIsNotAskedWithoutItsProfileEvenIfItIsThere(Peer peer) {
        assertThatThrownBy(() -> peer.program(false))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("-Ppeers");
    }

    /** {@code building}: what happens when it is to build, before the program is there. */
    private void go(String building) throws IOException {
        Path go = Files.writeString(home.resolve("bin/go"), """
                #!/bin/sh
                echo "go $1" >&2
                case $1 in
                mod) printf '\\t"Dir": "%s",\\n' ;;
                build) %s
                    while [ "$1" != -o ]; do shift; done
                    echo '#!/bin/sh' > "$2" && chmod +x "$2" ;;
                esac
                """.formatted(home.resolve("published"), building));
        assertThat(go.toFile().setExecutable(true)).isTrue();
    }

    private Shell.Result build(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Peer.BUILD.toString()));
        command.addAll(List.of(arguments));
        return Shell.run(
                command,
                Map.of("HOME", home.toString(), "PATH", home.resolve("bin") + ":" + System.getenv("PATH")),
                "");
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(file -> file.toString().contains(".part")).toList();
        }
    }
}
