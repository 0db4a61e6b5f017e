package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mesh without a control plane: certificates by openssl, rules by {@code policy build}, requests by curl. */
class StandaloneTest {
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              services:
                front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", allow: {front: {from: [front], user: none}}}
            """;

    @TempDir
    private Path folder;

    private final List<Running> started = new ArrayList<>();
    private HttpServer application;

    @BeforeEach
    void prepare() throws IOException {
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        application.start();
        Files.writeString(folder.resolve("mesh.yaml"), MESH);
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=root"
                + " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
                + " -keyout ca.key -out ca.pem");
        run("policy", "key", "signing.jwk");
    }

    @AfterEach
    void stop() throws IOException {
        for (Running sidecar : started) {
            sidecar.close();
        }
        application.stop(0);
    }

    @Test
    void requestPassesUntilANewSnapshotSaysOtherwise() throws Exception {
        build("back");
        Running back = start("back");
        String inbound = back.text("inbound");
        build("front", "--endpoint", "back=" + inbound);
        Running front = start("front");

        assertThat(get(front, "/things/7")).isEqualTo(204);
        assertThat(get(front, "/others")).isEqualTo(403);

        Files.writeString(folder.resolve("mesh.yaml"), MESH.replace("/things/", "/others/"));
        build("back");
        await().atMost(Duration.ofSeconds(15)).until(() -> get(front, "/things/7") == 403);
        assertThat(get(front, "/others/7")).isEqualTo(204);
    }

    /** One file for all sidecars of a node; a copy in a temporary folder would be each one's own. */
    @Test
    void nativeCodeIsMappedFromBesideTheJars() throws IOException {
        build("back");
        Running back = start("back");
        back.ready();
        assertThat(Files.readAllLines(Path.of("/proc/" + back.pid() + "/maps")))
                .filteredOn(line -> line.contains("netty") && line.endsWith(".so"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line)
                        .contains(Archive.home().resolve("lib/natives").toString()));
    }

    private void build(String service, String... more) {
        List<String> words = new ArrayList<>(
                List.of("policy", "build", "mesh.yaml", "--service", service, "--key", "signing.jwk", "--out"));
        words.add(service + ".jws");
        words.addAll(List.of(more));
        run(words.toArray(String[]::new));
    }

    private Running start(String service) throws IOException {
        Running sidecar = Running.start(
                folder.resolve(service + ".log"),
                "proxy",
                "--config",
                configuration(service).toString());
        started.add(sidecar);
        return sidecar;
    }

    /** Its certificate, which lives an hour less than the authority, and its configuration. */
    private Path configuration(String service) throws IOException {
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout SERVICE.key -out SERVICE.csr"
                .replace("SERVICE", service));
        Files.writeString(folder.resolve("leaf.cnf"), """
                keyUsage=critical,digitalSignature
                extendedKeyUsage=serverAuth,clientAuth
                subjectAltName=critical,URI:spiffe://small.example/sa/SERVICE
                """.replace("SERVICE", service));
        openssl("x509 -req -in SERVICE.csr -CA ca.pem -CAkey ca.key -days 1 -extfile leaf.cnf -out SERVICE.pem"
                .replace("SERVICE", service));
        return Files.writeString(folder.resolve(service + ".yaml"), """
                service: SERVICE
                application: 127.0.0.1:PORT
                stateDirectory: ./state-SERVICE
                standalone:
                  snapshot: ./SERVICE.jws
                  trustKey: ./signing.pub.jwk
                  certificate: ./SERVICE.pem
                  privateKey: ./SERVICE.key
                  trustBundle: ./ca.pem
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {back: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                """.replace("SERVICE", service)
                .replace("PORT", String.valueOf(application.getAddress().getPort())));
    }

    private static int get(Running front, String path) {
        Shell.Result curl = Shell.run(List.of(
                "curl",
                "-s",
                "-o",
                "/dev/null",
                "--max-time",
                "20",
                "-w",
                "%{http_code}",
                "http://" + front.ready().at("/upstreams/back").asText() + path));
        assertThat(curl.exit()).as(curl.err()).isZero();
        return Integer.parseInt(curl.out());
    }

    private void openssl(String arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        in(command);
    }

    private void run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Archive.launcher().toString()));
        command.addAll(List.of(arguments));
        in(command);
    }

    /** In the test's folder, so that files can be named as people name them. */
    private void in(List<String> command) {
        List<String> there = new ArrayList<>(List.of("env", "-C", folder.toString()));
        there.addAll(command);
        Shell.Result result = Shell.run(there);
        assertThat(result.exit()).as("%s: %s", command, result.err()).isZero();
    }
}
