package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.log.JsonText;
import dev.sallyport.proxy.standalone.StandaloneFiles;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyConfigTest {
    private static final String MINIMAL = "service: orders\napplication: 127.0.0.1:8080\nstateDirectory: ./state\n";

    @TempDir
    private Path folder;

    private ProxyConfig load(String yaml, String... arguments) throws Exception {
        Path file = Files.writeString(folder.resolve("orders.yaml"), yaml);
        List<String> all = new ArrayList<>(List.of("--config", file.toString()));
        all.addAll(List.of(arguments));
        return ProxyConfig.load(Flags.parse(all, Map.of()));
    }

    @Test
    void defaultsAreTheDocumentedPortsOnLoopback() throws Exception {
        ProxyConfig config = load(MINIMAL);
        assertThat(config.inbound().listen()).isEqualTo(new HostPort("127.0.0.1", 15006));
        assertThat(config.outbound().listen()).isEqualTo(new HostPort("127.0.0.1", 15001));
        assertThat(List.of(
                        config.admin().port(),
                        config.metrics().port(),
                        config.health().port()))
                .containsExactly(15000, 15020, 15021);
        assertThat(config.audit())
                .isEqualTo(new ProxyConfig.Audit(DataPath.SubjectMode.KEYED, 4L << 30, Duration.ofSeconds(3)));
        assertThat(config.drain()).isEqualTo(new ProxyConfig.Drain(Duration.ZERO, Duration.ofSeconds(10)));
        assertThat(config.mode())
                .isInstanceOfSatisfying(
                        ProxyConfig.ControlPlane.class,
                        settings -> assertThat(settings.joinWait()).isEqualTo(Duration.ofSeconds(60)));
        assertThat(config.loops()).isEqualTo(1);
    }

    @Test
    void everyKeyIsRead() throws Exception {
        ProxyConfig config = load(MINIMAL + """
                controlPlane: {joinTokenFile: ./orders.join, serviceAccountTokenFile: /var/run/token, address: "127.0.0.1:15012", enrolment: "127.0.0.1:15013", joinWait: 5s}
                inbound: {listen: "0.0.0.0:15006", advertise: "10.0.0.7:15006"}
                outbound: {listen: "127.0.0.1:0", upstreams: {payment: "127.0.0.1:0", "cart:8080": "[::1]:9102"}}
                admin: {listen: "localhost:0"}
                metrics: {listen: "0.0.0.0:15020"}
                health: {listen: "0.0.0.0:15021"}
                audit: {subject: clear, mebibytesMax: 1024, shipTimeout: 10s}
                loops: 2
                drain: {delay: 5s, deadline: 30s}
                """);
        assertThat(config.mode()).isInstanceOfSatisfying(ProxyConfig.ControlPlane.class, settings -> {
            assertThat(settings.joinTokenFile()).contains(folder.resolve("./orders.join"));
            assertThat(settings.serviceAccountTokenFile()).contains(Path.of("/var/run/token"));
            assertThat(settings.address()).contains(new HostPort("127.0.0.1", 15012));
        });
        assertThat(config.inbound().advertise()).contains(new HostPort("10.0.0.7", 15006));
        assertThat(config.outbound().upstreams()).containsOnlyKeys("payment", "cart:8080");
        assertThat(config.audit())
                .isEqualTo(new ProxyConfig.Audit(DataPath.SubjectMode.CLEAR, 1L << 30, Duration.ofSeconds(10)));
        assertThat(config.drain().deadline()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void standaloneNamesItsFilesAndNeedsNoAddressForOthers() throws Exception {
        ProxyConfig config = load(MINIMAL + """
                standalone: {snapshot: ./snapshot.jws, trustKey: ./key.jwk, certificate: ./svid.pem, privateKey: /k/svid.key, trustBundle: ./bundle.pem}
                inbound: {listen: "0.0.0.0:15006"}
                """);
        assertThat(config.mode())
                .isEqualTo(new ProxyConfig.Standalone(new StandaloneFiles(
                        folder.resolve("./snapshot.jws"),
                        folder.resolve("./key.jwk"),
                        folder.resolve("./svid.pem"),
                        Path.of("/k/svid.key"),
                        Optional.of(folder.resolve("./bundle.pem")))));
        assertThat(JsonText.object(config::describe)).contains("\"mode\":\"standalone\"");
    }

    @Test
    void standaloneAndControlPlaneExcludeEachOther() {
        String both = MINIMAL
                + "standalone: {snapshot: s, trustKey: k, certificate: c, privateKey: p}\ncontrolPlane: {joinWait: 5s}\n";
        assertThatThrownBy(() -> load(both))
                .isInstanceOfSatisfying(
                        InvalidDocumentException.class,
                        e -> assertThat(e.problems())
                                .singleElement()
                                .asString()
                                .contains("orders.yaml:4:13", "standalone: beside controlPlane"));
        assertThatThrownBy(() -> load(
                        MINIMAL + "standalone: {snapshot: s, trustKey: k, certificate: c, privateKey: p}\n",
                        "--join-file",
                        "x"))
                .hasMessageContaining("beside controlPlane");
    }

    @Test
    void everyMissingFileOfStandaloneIsNamedAtOnce() {
        assertThatThrownBy(() -> load(MINIMAL + "standalone: {}\n"))
                .hasMessageContaining("standalone.snapshot")
                .hasMessageContaining("standalone.trustKey")
                .hasMessageContaining("standalone.certificate")
                .hasMessageContaining("standalone.privateKey");
    }

    @Test
    void pathsInTheFileAreRelativeToIt() throws Exception {
        assertThat(load(MINIMAL).stateDirectory().normalize()).isEqualTo(folder.resolve("state"));
    }

    @Test
    void flagsWinOverTheFileAndAddToIt() throws Exception {
        ProxyConfig config = load(
                MINIMAL + "outbound: {upstreams: {payment: \"127.0.0.1:1\"}}\n",
                "--service",
                "cart",
                "--upstream",
                "orders=127.0.0.1:2");
        assertThat(config.service()).isEqualTo("cart");
        assertThat(config.outbound().upstreams()).containsOnlyKeys("orders", "payment");
    }

    @Test
    void configurationMayComeFromFlagsAlone() throws Exception {
        ProxyConfig config = ProxyConfig.load(Flags.parse(
                List.of(
                        "--service",
                        "orders",
                        "--application",
                        "127.0.0.1:8080",
                        "--state",
                        folder.toString(),
                        "--inbound",
                        "127.0.0.1:0"),
                Map.of()));
        assertThat(config.inbound().listen().port()).isZero();
    }

    @Test
    void variableWinsOverTheFileAndFlagOverTheVariable() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), MINIMAL);
        Map<String, String> environment = Map.of("SALLYPORT_SERVICE", "cart", "SALLYPORT_CONFIG", file.toString());
        assertThat(ProxyConfig.load(Flags.parse(List.of(), environment)).service())
                .isEqualTo("cart");
        assertThat(ProxyConfig.load(Flags.parse(List.of("--service", "web"), environment))
                        .service())
                .isEqualTo("web");
    }

    @Test
    void everyProblemIsNamedAtOnceWithItsPath() {
        assertThatThrownBy(
                        () -> load(
                                "service: orders\nstateDirectory: ./s\nloops: 65\nadmin: {listen: \"10.0.0.1:1\"}\nhealth: {listn: \"127.0.0.1:1\"}\n"))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("application")
                .hasMessageContaining("loops")
                .hasMessageContaining("admin.listen")
                .hasMessageContaining("health.listn");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "outbound: {listen: '0.0.0.0:15001'} | outbound.listen",
                "outbound: {upstreams: {payment: '10.0.0.1:80'}} | outbound.upstreams",
                "outbound: {upstreams: {payment: 'nonsense'}} | outbound.upstreams",
                "inbound: {listen: '0.0.0.0:15006'} | inbound.advertise",
                "inbound: {listen: 'nonsense'} | inbound.listen",
                "audit: {subject: plain} | audit.subject",
                "audit: {mebibytesMax: 64} | audit.mebibytesMax",
                "audit: {shipTimeout: 2h} | audit.shipTimeout",
                "audit: {bytesMax: 1} | audit.bytesMax",
                "limits: {refusalsPerSecond: 0} | limits.refusalsPerSecond",
                "limits: {auditInterval: 10ms} | limits.auditInterval",
                "drain: {deadline: 3} | drain.deadline",
                "controlPlane: {adress: '127.0.0.1:1'} | controlPlane.adress",
                "standalone: nonsense | standalone",
                "standalone: {snapshot: s, trustKey: k, certificate: c, privateKey: p, bundle: b} | standalone.bundle",
                "standalone: {snapshot: s, trustKey: k, certificate: c} | standalone.privateKey",
                "loops: 0 | loops",
            })
    void oneBadKeyIsOneProblemThere(String line, String path) {
        assertThatThrownBy(() -> load(MINIMAL + line.strip() + "\n"))
                .isInstanceOfSatisfying(
                        InvalidDocumentException.class,
                        e -> assertThat(e.problems())
                                .singleElement()
                                .satisfies(problem -> assertThat(problem.path()).startsWith(path.strip())));
    }

    @Test
    void problemOfFlagNamesTheFlag() {
        assertThatThrownBy(() -> load(MINIMAL, "--application", "nonsense"))
                .isInstanceOfSatisfying(
                        InvalidDocumentException.class,
                        e -> assertThat(e.problems().getFirst().location().file())
                                .isEqualTo("--application"));
    }

    @Test
    void emptyFileMissesItsRequiredKeys() {
        assertThatThrownBy(() -> load(""))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("service")
                .hasMessageContaining("stateDirectory");
    }

    @Test
    void secondDocumentIsRefused() {
        assertThatThrownBy(() -> load(MINIMAL + "---\n" + MINIMAL))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("one YAML document");
    }

    @Test
    void missingFileIsToldApart() {
        assertThatThrownBy(() -> ProxyConfig.load(Flags.parse(
                        List.of("--config", folder.resolve("none.yaml").toString()), Map.of())))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void descriptionHasNoMoreThanTheConfiguration() throws Exception {
        ProxyConfig config = load(MINIMAL);
        String text = JsonText.object(config::describe);
        assertThat(text)
                .contains("\"service\":\"orders\"", "\"inbound\":\"127.0.0.1:15006\"")
                .doesNotContain("token");
    }

    @Test
    void limitsAreThoseOfTheFileAndOtherwiseStandard(@TempDir Path folder) throws Exception {
        Limits limits = limits(folder, "{headBytes: 4096, requestBodyMebibytes: 2, queue: 500ms}");
        assertThat(limits.headBytes()).isEqualTo(4096);
        assertThat(limits.requestBodyBytes()).isEqualTo(2 << 20);
        assertThat(limits.queue()).isEqualTo(Duration.ofMillis(500));
        assertThat(limits.keepAlive()).isEqualTo(Limits.standard().keepAlive());
        assertThat(limits(folder, "{}")).isEqualTo(Limits.standard());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{headBytes: 12}",
                "{headByte: 4096}",
                "{keepAlive: 1ms}",
                "{memoryPercent: 100}",
                "{headers: many}"
            })
    void limitThatProtectsNobodyOrServesNobodyIsRefusedByName(String text, @TempDir Path folder) {
        assertThatThrownBy(() -> limits(folder, text)).hasMessageContaining("limits");
    }

    private static Limits limits(Path folder, String text) throws Exception {
        Path file = folder.resolve("sidecar.yaml");
        Files.writeString(
                file, "service: orders\napplication: 127.0.0.1:8080\nstateDirectory: state\nlimits: " + text + "\n");
        return ProxyConfig.load(Flags.parse(List.of("--config", file.toString()), Map.of()))
                .limits();
    }
}
