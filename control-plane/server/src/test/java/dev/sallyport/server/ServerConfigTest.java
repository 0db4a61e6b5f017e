package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.tlog.KeyType;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.server.copies.CopySettings;
import dev.sallyport.server.issuance.KubernetesSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flags over environment over file, one strict reader, and what a state folder must be. */
class ServerConfigTest {
    @TempDir
    Path folder;

    private static ServerConfig read(Map<String, String> environment, String... arguments) throws Exception {
        return ServerConfig.read(Flags.parse(arguments, environment));
    }

    @Test
    void flagsWinOverTheEnvironmentWhichWinsOverTheFile() throws Exception {
        Path file = Files.writeString(
                folder.resolve("c.yaml"), "state: ./s\nleafLife: 1h\napi: 127.0.0.1:1\nsidecars: 127.0.0.1:1\n");
        ServerConfig config = read(
                Map.of("SALLYPORT_API", "127.0.0.1:2", "SALLYPORT_SIDECARS", "127.0.0.1:2"),
                "--config",
                file.toString(),
                "--sidecars",
                "127.0.0.1:0");
        assertThat(config.state()).isEqualTo(folder.resolve("s"));
        assertThat(config.leafLife()).isEqualTo(Duration.ofHours(1));
        assertThat(config.api()).isEqualTo(new HostPort("127.0.0.1", 2));
        assertThat(config.sidecars()).isEqualTo(new HostPort("127.0.0.1", 0));
        assertThat(config.enrolment()).isEqualTo(new HostPort("127.0.0.1", 15013));
    }

    @Test
    void everyProblemIsNamedAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), "leafLive: 1h\napi: nowhere\n");
        assertThatThrownBy(() -> read(Map.of(), "--config", file.toString(), "--trust-domain", "Not Lower"))
                .isInstanceOf(InvalidDocumentException.class)
                .message()
                .contains("state: missing")
                .contains("c.yaml:1:1")
                .contains("leafLife")
                .contains("c.yaml:2:6")
                .contains("--trust-domain");
    }

    @Test
    void settingsThatBreakTheOutageMinimumAreRefused() throws Exception {
        Path file = Files.writeString(
                folder.resolve("outage.yaml"),
                "state: ./s\nleafLife: 24h\noutageMinimum: 6h\ntrustDomain: a.example\n");
        assertThat(read(Map.of(), "--config", file.toString()).outageMinimum()).contains(Duration.ofHours(6));
        assertThatThrownBy(() -> read(Map.of(), "--config", file.toString(), "--leaf-life", "1h"))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("outage.yaml:3:")
                .hasMessageContaining("outageMinimum: PT6H (expected: <= PT15M")
                .hasMessageContaining("leafLife >= PT24H");
        Path one = Files.writeString(
                folder.resolve("one.yaml"),
                "state: ./s\nleafLives: {payment: 1h}\noutageMinimum: 6h\ntrustDomain: a.example\n");
        assertThatThrownBy(() -> read(Map.of(), "--config", one.toString()))
                .hasMessageContaining("leafLives.payment >= PT24H");
        assertThatThrownBy(() -> read(Map.of("SALLYPORT_OUTAGE_MINIMUM", "7h"), "--config", file.toString()))
                .hasMessageContaining("SALLYPORT_OUTAGE_MINIMUM")
                .hasMessageContaining("PT7H");
    }

    @Test
    void whoMayEnrolAndForHowLongIsReadWithPathsBesideTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("k.yaml"), """
                state: ./s
                leafLives: {payment: 1h, web: 12h}
                kubernetes:
                  issuer: https://kubernetes.default.svc.cluster.local
                  audience: sallyport.shop.example
                  jwksFile: cluster.json
                  identities: {shop/pay: payment}
                """);
        ServerConfig config = read(Map.of(), "--config", file.toString());
        assertThat(config.issuance().leafLives())
                .isEqualTo(Map.of("payment", Duration.ofHours(1), "web", Duration.ofHours(12)));
        KubernetesSettings kubernetes = config.issuance().kubernetes().orElseThrow();
        assertThat(kubernetes.jwksFile()).isEqualTo(folder.resolve("cluster.json"));
        assertThat(kubernetes.identities()).isEqualTo(Map.of("shop/pay", "payment"));
        assertThat(read(Map.of(), "--state", "s").issuance()).isEqualTo(IssuanceSettings.NONE);
    }

    @Test
    void everyProblemOfWhoMayEnrolIsNamedAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("k.yaml"), """
                state: ./s
                leafLives: {payment: 1y, web: 1s}
                kubernetes:
                  issuer: https://cluster.example
                  audience: https://cluster.example
                  jwksFiel: cluster.json
                  identities: {shop: payment}
                """);
        assertThatThrownBy(() -> read(Map.of(), "--config", file.toString()))
                .isInstanceOf(InvalidDocumentException.class)
                .message()
                .contains("leafLives.payment")
                .contains("leafLives.web")
                .contains("kubernetes.jwksFile: missing")
                .contains("jwksFiel")
                .contains("kubernetes.audience: https://cluster.example (expected: an audience of this mesh alone")
                .contains("kubernetes.identities: shop (expected: namespace/serviceaccount: service)");
    }

    @Test
    void keyFileOfTheClusterThatCannotBeReadStopsTheStart() throws Exception {
        Path file = Files.writeString(
                folder.resolve("k.yaml"), "state: ./gone\nkubernetes: {issuer: a, audience: b, jwksFile: none.json}\n");
        List<String> arguments =
                new ArrayList<>(List.of("--dev", "--config", file.toString(), "--trust-domain", "small.example"));
        for (String listener : List.of("--api", "--sidecars", "--enrolment", "--monitoring")) {
            arguments.addAll(List.of(listener, "127.0.0.1:0"));
        }
        ServerConfig config = read(Map.of(), arguments.toArray(String[]::new));
        assertThatThrownBy(() -> ControlPlane.start(config, folder, new TestClock()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("kubernetes.jwksFile: " + folder.resolve("none.json"));
        StateFolder.open(config.state()).close();
    }

    @Test
    void unknownFlagIsAUsageError() {
        assertThatThrownBy(() -> read(Map.of(), "--nonsense"))
                .isInstanceOfSatisfying(
                        StartException.class, e -> assertThat(e.exitCode()).isEqualTo(2));
    }

    @Test
    void stateThatOthersCanReadIsRefused() throws Exception {
        Path open = Files.createDirectory(
                folder.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        assertThatThrownBy(() -> StateFolder.open(open)).hasMessageContaining("chmod 700 " + open);
    }

    @Test
    void secondControlPlaneOnTheSameStateIsRefused() throws Exception {
        try (StateFolder first = StateFolder.open(folder.resolve("state"))) {
            assertThatThrownBy(() -> StateFolder.open(first.path())).hasMessageContaining("in use");
        }
        StateFolder.open(folder.resolve("state")).close();
    }

    @Test
    void keyInsideTheStateThatItProtectsIsRefusedButInDevelopment() throws Exception {
        Path state = folder.resolve("guarded");
        ServerConfig config = read(
                Map.of(),
                "--state",
                state.toString(),
                "--trust-domain",
                "small.example",
                "--key-file",
                state.resolve("ca.key").toString());
        assertThatThrownBy(() -> Foundation.open(config, folder, new TestClock()))
                .hasMessageContaining("inside the state folder");
        ServerConfig dev =
                read(Map.of("SALLYPORT_DEV", "true"), "--state", state.toString(), "--trust-domain", "small.example");
        Foundation.open(dev, folder, new TestClock()).close();
        assertThat(state.resolve("dev-ca.key")).exists();
    }

    @Test
    void portInUseIsNamedAndTheStateIsFreeAgain() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String api = "127.0.0.1:" + taken.getLocalPort();
            String state = folder.resolve("taken").toString();
            List<String> arguments = new ArrayList<>(
                    List.of("--dev", "--state", state, "--trust-domain", "small.example", "--api", api));
            for (String listener : List.of("--sidecars", "--enrolment", "--monitoring")) {
                arguments.addAll(List.of(listener, "127.0.0.1:0"));
            }
            ServerConfig config = read(Map.of(), arguments.toArray(String[]::new));
            assertThatThrownBy(() -> ControlPlane.start(config, folder, new TestClock()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("api: " + api);
            StateFolder.open(config.state()).close();
        }
    }

    @Test
    void anotherTrustDomainThanTheStoredOneIsRefused() throws Exception {
        String state = folder.resolve("bound").toString();
        Foundation.open(
                        read(Map.of(), "--dev", "--state", state, "--trust-domain", "one.example"),
                        folder,
                        new TestClock())
                .close();
        ServerConfig other = read(Map.of(), "--dev", "--state", state, "--trust-domain", "two.example");
        assertThatThrownBy(() -> Foundation.open(other, folder, new TestClock()))
                .hasMessageContaining("two.example (expected: one.example");
    }

    @Test
    void withoutDocumentsTheFirstStartNeedsATrustDomain() throws Exception {
        ServerConfig config =
                read(Map.of(), "--dev", "--state", folder.resolve("new").toString());
        assertThatThrownBy(() -> Foundation.open(config, folder, new TestClock()))
                .hasMessageContaining("--trust-domain");
    }

    private ServerConfig withAudit(String audit) throws Exception {
        Path file = Files.writeString(folder.resolve("audit.yaml"), "state: state\n" + audit);
        return read(Map.of(), "--config", file.toString());
    }

    @Test
    void witnessesAreReadWithTheirKeysAndAQuorumOfMoreThanHalf() throws Exception {
        String key = NoteSigner.generate("w1.example", KeyType.ML_DSA_44_COSIGNATURE)
                .verifier()
                .vkey();
        String other = NoteSigner.generate("w2.example", KeyType.ED25519_COSIGNATURE)
                .verifier()
                .vkey();
        AuditSettings audit = withAudit("audit:\n  witnesses:\n    - {url: https://w1.example/a, key: \"" + key
                        + "\"}\n    - {url: https://w2.example, key: \"" + other
                        + "\", privateAddresses: 10.0.0.0/8}\n")
                .audit();
        assertThat(audit.quorum()).isEqualTo(2);
        assertThat(audit.witnesses()).extracting(witness -> witness.name()).containsExactly("w1.example", "w2.example");
        assertThat(audit.witnesses().getLast().privateAddresses()).hasSize(1);
        assertThat(withAudit("leafLife: 1h\n").audit()).isEqualTo(AuditSettings.NONE);
        for (String wrong : List.of(
                "audit: {quorum: 1}",
                "audit: {witness: []}",
                "audit: {witnesses: [{url: https://w1.example}]}",
                "audit: {witnesses: [{url: w1, key: \"" + key + "\"}]}",
                "audit: {witnesses: [{url: https://w1.example, key: w1.example+00000000+AAAA}]}",
                "audit: {witnesses: [{url: https://w1.example, key: \"" + key + "\"}], quorum: 2}",
                "audit: {witnesses: [{url: https://w1.example, key: \"" + key + "\"}], quorum: 0}",
                "audit: {witnesses: {url: https://w1.example}}")) {
            assertThatThrownBy(() -> withAudit(wrong + "\n")).as(wrong).hasMessageContaining("audit");
        }
    }

    @Test
    void copiesAreReadWithTheirPlacesAndEachBadValueIsNamed() throws Exception {
        List<CopySettings> copies = withAudit("""
                        audit:
                          copies:
                            a: {kind: otlp, url: https://otel.example/, headersFile: h, labels: {namespace: shop, env: prod}}
                            b: {kind: lines, folder: out, mebibytesMax: 8, files: 3, from: now}
                            c: {kind: elasticsearch, url: http://127.0.0.1:9200}
                        """).audit().copies();
        assertThat(copies).extracting(CopySettings::name).containsExactly("a", "b", "c");
        assertThat(copies.get(0).labels().env()).contains("prod");
        assertThat(copies.get(1).fromNow()).isTrue();
        assertThat(copies.get(1).place()).isEqualTo(new CopySettings.Files(folder.resolve("out"), 8, 3));
        assertThat(((CopySettings.Web) copies.get(2).place()).index()).isEqualTo("sallyport-audit");
        Map<String, String> wrong = pairs(
                "{kind: syslog}", "kind",
                "{url: https://a.example}", "kind",
                "{kind: loki}", "url",
                "{kind: loki, url: ftp://a.example}", "url",
                "{kind: loki, url: http://loki.example:3100}", "url",
                "{kind: loki, url: https://a.example/?token=x}", "url",
                "{kind: loki, url: https://a.example, folder: x}", "folder",
                "{kind: loki, url: https://a.example, labels: {pod: x}}", "pod",
                "{kind: elasticsearch, url: https://a.example, index: Upper}", "index",
                "{kind: lines, folder: x, files: 1}", "files",
                "{kind: lines, folder: x, from: yesterday}", "from");
        wrong.forEach((copy, named) -> assertThatThrownBy(() -> withAudit("audit: {copies: {a: " + copy + "}}\n"))
                .as(copy)
                .hasMessageContaining("audit.copies.a." + (named.equals("pod") ? "labels.pod" : named)));
        assertThatThrownBy(() -> withAudit("audit: {copies: {a: {kind: loki, url: 'https://u:hunter2@a.example'}}}\n"))
                .hasMessageContaining("audit.copies.a.url")
                .message()
                .doesNotContain("hunter2");
        assertThatThrownBy(() -> withAudit("audit: {copies: {A/b: {kind: lines, folder: x}}}\n"))
                .hasMessageContaining("A/b");
    }

    /** What is wrong, and the key that is to be named, in turn. */
    private static Map<String, String> pairs(String... words) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < words.length; i += 2) {
            pairs.put(words[i], words[i + 1]);
        }
        return pairs;
    }
}
