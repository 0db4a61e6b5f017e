package dev.sallyport.cli.demo;

import static java.util.function.Predicate.not;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The running shop: an identity provider, a control plane, five services and their sidecars, and one more sidecar by which people come in; each a process of its own. Started and
 * driven by the command's thread; only {@link #close} may come from another.
 */
final class Shop implements AutoCloseable {
    /** The shop's way in: a sidecar without an application. Who comes from outside uses its port for web as an application would. */
    static final String EDGE = "edge";

    /** Each member of the mesh with the destinations that its sidecar has a listener for. */
    static final SortedMap<String, List<String>> MEMBERS = new TreeMap<>(Map.of(
            EDGE,
            List.of("web"),
            "web",
            List.of("orders", "catalog"),
            "catalog",
            List.of("payment"),
            "cart",
            List.of("catalog", "orders"),
            "orders",
            List.of("payment", "catalog"),
            "payment",
            List.of("web")));

    /** The members that are called: each has an application and a policy. */
    static final SortedSet<String> SERVICES =
            new TreeSet<>(MEMBERS.keySet().stream().filter(not(EDGE::equals)).toList());

    /** Ends the name of a sidecar's process: {@code orders-sidecar}. */
    static final String SIDECAR = "-sidecar";

    private static final String ISSUER = "issuer";
    private static final String CONTROL_PLANE = "control-plane";
    private static final String ANY_PORT = "127.0.0.1:0";
    /** Nobody calls the edge, so nothing is ever sent there. */
    private static final String NO_APPLICATION = "127.0.0.1:1";

    private static final Duration ENDPOINTS_LIMIT = Duration.ofSeconds(20);

    private final DemoFolder folder;
    private final Optional<ShopVault> vault;
    private final Processes processes;
    private final SortedMap<String, Sidecar> sidecars = new TreeMap<>();
    private Optional<JsonNode> issuer = Optional.empty();
    private Optional<JsonNode> controlPlane = Optional.empty();
    private volatile Optional<ControlPlaneApi> api = Optional.empty();

    /** {@code vault}: who signs certificates, when not the control plane itself. */
    Shop(DemoFolder folder, Optional<ShopVault> vault) {
        this.folder = folder;
        this.vault = vault;
        this.processes = new Processes(folder);
    }

    /**
     * Everything at once as far as ports allow: the issuer's goes into the Mesh, an application's to its sidecar, a sidecar's to its application; sidecars wait for their join files
     * by themselves.
     */
    void start(Path example, Client client) throws CliException, IOException, InterruptedException {
        if (vault.isPresent()) {
            vault.get().launch(processes);
        }
        processes.launch(ISSUER, "demo-issuer", List.of("--listen", ANY_PORT));
        for (String service : SERVICES) {
            String upstreams = folder.upstreams(service).toString();
            processes.launch(
                    service,
                    "shop-service",
                    List.of("--service", service, "--listen", ANY_PORT, "--upstreams-file", upstreams));
        }
        issuer = Optional.of(processes.ready(ISSUER));
        folder.copyExample(example, issuer.get().path("issuer").asText());
        if (vault.isPresent()) {
            vault.get().setUp(processes);
        }
        startControlPlane(controlPlaneArguments(ANY_PORT, ANY_PORT, ANY_PORT, ANY_PORT));
        startSidecar(EDGE, NO_APPLICATION);
        for (String service : SERVICES) {
            startSidecar(service, processes.ready(service).path("listen").asText());
        }
        awaitControlPlane();
        for (String member : MEMBERS.keySet()) {
            createJoinFile(member);
        }
        for (String member : MEMBERS.keySet()) {
            Sidecar sidecar = Sidecar.of(processes.ready(member + SIDECAR));
            sidecars.put(member, sidecar);
            List<String> lines = new ArrayList<>();
            destinations(member).forEach(to -> lines.add(to + "=" + sidecar.upstream(to)));
            Files.write(folder.upstreams(member), lines);
        }
        for (Sidecar sidecar : sidecars.values()) {
            awaitEndpoints(client, sidecar);
        }
        writeScrapeTargets();
    }

    private void writeScrapeTargets() throws CliException, IOException {
        ScrapeTargets targets = new ScrapeTargets()
                .controlPlane(controlPlane.orElseThrow().path("monitoring").asText());
        for (String member : sidecars.keySet()) {
            targets.sidecar(
                    member, processes.ready(member + SIDECAR).path("metrics").asText());
        }
        targets.write(folder.scrapeTargets());
    }

    private static List<String> destinations(String member) {
        return MEMBERS.getOrDefault(member, List.of());
    }

    private void startSidecar(String member, String application) throws CliException {
        List<String> arguments = new ArrayList<>(List.of("--service", member, "--application", application));
        arguments.addAll(List.of("--state", folder.state(member).toString()));
        arguments.addAll(List.of("--join-file", folder.joinFile(member).toString()));
        for (String listener : List.of("--inbound", "--outbound", "--admin", "--metrics", "--health")) {
            arguments.addAll(List.of(listener, ANY_PORT));
        }
        for (String destination : destinations(member)) {
            arguments.addAll(List.of("--upstream", destination + "=" + ANY_PORT));
        }
        processes.launch(member + SIDECAR, "proxy", arguments);
    }

    private void createJoinFile(String member) throws CliException {
        String file = folder.joinFile(member).toString();
        Scene.Ran created = Scene.run(
                "token",
                "create",
                "--service",
                member,
                "--out",
                file,
                "--context",
                context().toString());
        if (created.exit() != 0) {
            throw new CliException(
                    "token create --service " + member + ": " + created.err().strip());
        }
    }

    /** A sidecar is ready with its first snapshot; where the others listen may come a moment later. */
    private static void awaitEndpoints(Client client, Sidecar sidecar)
            throws CliException, IOException, InterruptedException {
        var _ = Until.seen("the others' endpoints at the sidecar of " + sidecar.service(), ENDPOINTS_LIMIT, () -> {
            JsonNode snapshot =
                    client.page("http://" + sidecar.admin() + "/config_dump").path("snapshot");
            boolean all = SERVICES.stream()
                    .noneMatch(
                            service -> snapshot.path("endpoints").path(service).isEmpty());
            boolean keys = snapshot.path("issuerKeys").path("shop").asInt() > 0;
            return all && keys ? Optional.of(snapshot) : Optional.empty();
        });
    }

    private List<String> controlPlaneArguments(
            String sidecarPort, String enrolment, String monitoring, String apiPort) {
        List<String> arguments = new ArrayList<>(List.of(
                "--dev",
                "--state",
                folder.controlPlane().toString(),
                "--documents",
                folder.policies().toString(),
                "--sidecars",
                sidecarPort,
                "--enrolment",
                enrolment,
                "--monitoring",
                monitoring,
                "--api",
                apiPort));
        vault.ifPresent(signer -> arguments.addAll(signer.controlPlaneArguments()));
        return arguments;
    }

    private void startControlPlane(List<String> arguments) throws CliException {
        processes.launch(CONTROL_PLANE, "control-plane", arguments);
    }

    private void awaitControlPlane() throws CliException {
        controlPlane = Optional.of(processes.ready(CONTROL_PLANE));
        api.ifPresent(ControlPlaneApi::close);
        api = Optional.of(ControlPlaneApi.of(context(), _ -> {}));
    }

    /** Cleanly, as for an upgrade. */
    void stopControlPlane() {
        processes.stop(CONTROL_PLANE::equals);
    }

    /** On the ports that the sidecars know. */
    void restartControlPlane() throws CliException {
        startControlPlane(samePorts());
        awaitControlPlane();
    }

    /** What starts the control plane again where it was. */
    List<String> samePorts() {
        JsonNode ready = controlPlane.orElseThrow();
        return controlPlaneArguments(
                ready.path("sidecars").asText(),
                ready.path("enrolment").asText(),
                ready.path("monitoring").asText(),
                ready.path("api").asText());
    }

    long controlPlanePid() {
        return processes.pid(CONTROL_PLANE);
    }

    String tokenEndpoint() {
        return issuer.orElseThrow().path("token").asText();
    }

    /** The administrator's context file. */
    Path context() {
        return Path.of(controlPlane.orElseThrow().path("admin").asText());
    }

    ControlPlaneApi api() {
        return api.orElseThrow();
    }

    Sidecar sidecar(String member) {
        return Optional.ofNullable(sidecars.get(member)).orElseThrow();
    }

    Collection<Sidecar> sidecars() {
        return List.copyOf(sidecars.values());
    }

    int processes() {
        return processes.alive();
    }

    /** Control plane, issuer, Vault; each service, each sidecar. */
    int expectedProcesses() {
        return 2 + vault.map(ShopVault::processes).orElse(0) + SERVICES.size() + MEMBERS.size();
    }

    Optional<ShopVault> vault() {
        return vault;
    }

    /** For good. */
    void stopVault() {
        vault.ifPresent(signer -> signer.stop(processes));
    }

    /**
     * Waits until every sidecar has acknowledged a revision after {@code before}; returns the control plane's answer of that moment. A refusal ends it: a sidecar does not change
     * its mind.
     */
    JsonNode awaitAcks(long before, Duration limit) throws CliException, IOException, InterruptedException {
        return Until.seen("a newer revision than " + before + " at every sidecar", limit, () -> {
            String problem = api().status().path("documents").path("lastError").asText("");
            if (!problem.isEmpty()) {
                throw new CliException(ExitCode.INVALID, "documents: " + problem);
            }
            JsonNode answer = api().sidecars();
            int acked = 0;
            for (JsonNode sidecar : answer.path("sidecars")) {
                JsonNode ack = sidecar.path("acked");
                String refused = ack.path("refused").asText("");
                if (!refused.isEmpty()) {
                    throw new CliException(sidecar.path("service").asText() + " refused: " + refused);
                }
                acked += ack.path("revision").asLong(-1) > before ? 1 : 0;
            }
            return acked >= MEMBERS.size() ? Optional.of(answer) : Optional.empty();
        });
    }

    @Override
    public void close() {
        processes.close();
        api.ifPresent(ControlPlaneApi::close);
    }
}
