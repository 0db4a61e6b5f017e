package dev.sallyport.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Four services in a row, {@code a → b → c → d}, each behind its own sidecar, and {@code edge}, a sidecar without an application, where requests come in. Only {@code a} is shown the
 * user's token and may vouch for the user further on. The first three relay; {@code d} says what it saw.
 */
final class Chain implements AutoCloseable {
    private static final Map<String, String> NEXT = new LinkedHashMap<>();

    static {
        NEXT.put("a", "b");
        NEXT.put("b", "c");
        NEXT.put("c", "d");
    }

    private final Path folder;
    private final Mesh mesh;
    private final List<String> settings;
    private final Map<String, Running> relays = new LinkedHashMap<>();
    private final Map<String, Running> sidecars = new LinkedHashMap<>();

    private Chain(Path folder, List<String> settings) throws IOException {
        this.folder = folder;
        this.settings = settings;
        this.mesh = Mesh.start(folder, Chain::documents);
    }

    /** Its relays forward nothing yet. {@code settings}: further arguments of each sidecar. */
    static Chain start(Path folder, String... settings) throws IOException {
        Chain chain = new Chain(folder, List.of(settings));
        chain.relay("none", Map.of());
        for (var hop : NEXT.entrySet()) {
            String application = chain.relays.get(hop.getKey()).text("listen");
            chain.startSidecar(hop.getKey(), application, "--upstream", hop.getValue() + "=127.0.0.1:0");
        }
        chain.startSidecar(
                "d", "127.0.0.1:" + chain.mesh.application.getAddress().getPort());
        chain.startSidecar("edge", "127.0.0.1:9", "--upstream", "a=127.0.0.1:0");
        chain.sidecars.keySet().forEach(chain.mesh::createToken);
        for (var hop : NEXT.entrySet()) {
            Files.writeString(
                    chain.upstreams(hop.getKey()),
                    hop.getValue() + "=http://" + chain.upstream(hop.getKey(), hop.getValue()));
        }
        chain.sidecars.values().forEach(Running::ready);
        return chain;
    }

    private void startSidecar(String service, String application, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--application", application));
        arguments.addAll(List.of(more));
        arguments.addAll(settings);
        sidecars.put(service, mesh.startSidecar(service, arguments.toArray(String[]::new)));
    }

    /** Replaces the relays: these headers they forward, in this environment they run. Returns when they are ready. */
    void relay(String forward, Map<String, String> environment) throws IOException {
        for (var hop : NEXT.entrySet()) {
            String service = hop.getKey();
            String listen = "127.0.0.1:0";
            if (relays.containsKey(service)) {
                // Where its sidecar looks for it.
                listen = relays.get(service).text("listen");
                relays.get(service).close();
            }
            relays.put(
                    service,
                    Running.start(
                            folder.resolve(service + "-application.log"),
                            environment,
                            "shop-service",
                            "--service",
                            service,
                            "--listen",
                            listen,
                            "--next",
                            hop.getValue(),
                            "--upstreams-file",
                            upstreams(service).toString(),
                            "--forward",
                            forward));
        }
        relays.values().forEach(Running::ready);
    }

    private Path upstreams(String service) {
        return folder.resolve(service + ".upstreams");
    }

    private String upstream(String service, String next) {
        return sidecars.get(service).ready().path("upstreams").path(next).asText();
    }

    /** A request at the edge, with whatever headers a client sends. */
    Http.Answer get(String path, String... headers) {
        return Http.send("GET", "http://" + upstream("edge", "a") + path, "", headers);
    }

    String tokenOf(String user) throws IOException, InterruptedException {
        return mesh.token("{\"sub\":\"" + user + "\",\"roles\":[\"customer\"]}");
    }

    private static Map<String, String> documents(String issuer) {
        Map<String, String> documents = new LinkedHashMap<>();
        documents.put("mesh.yaml", """
                apiVersion: sallyport.dev/v1
                kind: Mesh
                metadata: {name: chain}
                spec:
                  trustDomain: chain.example
                  issuers:
                    shop: {issuer: "%s", audiences: [shop-api], algorithms: [ES256], verifiedBy: [a]}
                  services:
                    edge: {identity: spiffe://chain.example/sa/edge}
                    a: {identity: spiffe://chain.example/sa/a, ports: {8080: http}}
                    b: {identity: spiffe://chain.example/sa/b, ports: {8080: http}}
                    c: {identity: spiffe://chain.example/sa/c, ports: {8080: http}}
                    d: {identity: spiffe://chain.example/sa/d, ports: {8080: http}}
                """.formatted(issuer));
        documents.put("a.yaml", policy("a", "edge", ""));
        NEXT.forEach((caller, service) ->
                documents.put(service + ".yaml", policy(service, caller, ", via: {from: [a, b, c], maxHops: 4}")));
        return documents;
    }

    private static String policy(String service, String caller, String via) {
        return """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: %s}
                spec:
                  service: %s
                  routes:
                    thing: {match: "GET /things/{id}", allow: {caller: {from: [%s], user: {issuer: shop, anyRole: [customer]%s}}}}
                """.formatted(service, service, caller, via);
    }

    @Override
    public void close() throws IOException {
        mesh.close();
        for (Running relay : relays.values()) {
            relay.close();
        }
    }
}
