package dev.sallyport.benchmarks.pair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Standalone sidecars of one mesh as they ship, started by the launcher with its own JVM options; the record of both sides and metrics are on.
 *
 * @param name of the configuration that they are
 * @param mesh folder with {@code mesh.yaml}, certificates and {@code ISSUER.jwks}
 * @param issuers by their names in the Mesh
 * @param loops event loops of each
 * @param flavour how they are run
 * @param folder their own
 */
record Sidecars(
        String name,
        Path launcher,
        Workplace workplace,
        Path mesh,
        List<String> issuers,
        InetSocketAddress backend,
        int loops,
        Flavour flavour,
        Path folder) {
    /** The launcher of another checkout may have to build first. */
    private static final Duration COMMAND = Duration.ofMinutes(10);

    private static final Duration READY = Duration.ofSeconds(60);
    /** Beginning of the names of folders that keep a sidecar's state. */
    static final String STATE = "state-";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** None runs yet; there is a key that signs their snapshots. */
    static Sidecars prepare(
            String name, Path launcher, Workplace workplace, Path mesh, List<String> issuers, InetSocketAddress backend)
            throws IOException, InterruptedException {
        return prepare(name, launcher, workplace, mesh, issuers, backend, 1, Flavour.USUAL);
    }

    static Sidecars prepare(String name, Path launcher, Site site, Flavour flavour, List<String> issuers)
            throws IOException, InterruptedException {
        return prepare(
                name,
                launcher,
                site.workplace(),
                site.mesh().folder(),
                issuers,
                site.backend(),
                site.workers(),
                flavour);
    }

    private static Sidecars prepare(
            String name,
            Path launcher,
            Workplace workplace,
            Path mesh,
            List<String> issuers,
            InetSocketAddress backend,
            int loops,
            Flavour flavour)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(workplace.folder(), name + "-");
        Sidecars sidecars =
                new Sidecars(name, launcher, workplace, mesh, List.copyOf(issuers), backend, loops, flavour, folder);
        sidecars.command("policy", "key", "signing.jwk");
        return sidecars;
    }

    /** One that runs. */
    record Running(Child child, JsonNode ready) {
        InetSocketAddress inbound() {
            return address("/inbound");
        }

        InetSocketAddress metrics() {
            return address("/metrics");
        }

        /** Where its application reaches {@code service}. */
        InetSocketAddress upstream(String service) {
            return address("/upstreams/" + service);
        }

        private InetSocketAddress address(String pointer) {
            String[] words = ready.at(pointer).asText().split(":", 2);
            return new InetSocketAddress(InetAddress.ofLiteral(words[0]), Integer.parseInt(words[1]));
        }

        Part part(String name) {
            return new Part(name, child.pids());
        }
    }

    /** {@code more}: further lines of its configuration. */
    Running callee(String service, String more) throws IOException, InterruptedException {
        snapshot(service);
        return start(service, listeners("") + more);
    }

    Running caller(String service, String callee, Running calleeSidecar) throws IOException, InterruptedException {
        return caller(service, callee, calleeSidecar, "");
    }

    /** {@code more}: further lines of its configuration. */
    Running caller(String service, String callee, Running calleeSidecar, String more)
            throws IOException, InterruptedException {
        InetSocketAddress address = calleeSidecar.inbound();
        snapshot(service, "--endpoint", callee + "=" + address.getAddress().getHostAddress() + ":" + address.getPort());
        return start(service, listeners(", upstreams: {" + callee + ": \"127.0.0.1:" + FreePort.find() + "\"}") + more);
    }

    /** Where others find it again when it is started again. */
    private static String listeners(String upstreams) throws IOException {
        return "inbound: {listen: \"127.0.0.1:" + FreePort.find() + "\"}\noutbound: {listen: \"127.0.0.1:0\""
                + upstreams + "}\n";
    }

    void stop(Running sidecar) {
        workplace.stop(sidecar.child);
    }

    private void snapshot(String service, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(
                List.of("policy", "build", mesh.resolve("mesh.yaml").toString()));
        words.addAll(List.of("--service", service, "--key", "signing.jwk", "--out", service + ".jws"));
        for (String issuer : issuers) {
            words.addAll(List.of("--jwks", issuer + "=" + mesh.resolve(issuer + ".jwks")));
        }
        words.addAll(List.of(more));
        command(words.toArray(String[]::new));
    }

    private void command(String... words) throws IOException, InterruptedException {
        ProcessBuilder builder = builder(words);
        // Options for the sidecars, such as a flight recording, are not meant for those who prepare them.
        builder.environment().remove("SALLYPORT_JAVA_OPTIONS");
        String what = name + ": " + String.join(" ", List.of(words).subList(0, 2));
        Child child = workplace.start(what, folder.resolve("command.log"), builder);
        child.succeeded(COMMAND);
        workplace.stop(child);
    }

    private Running start(String service, String more) throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve(service + ".yaml"), """
            service: %1$s
            application: %2$s
            stateDirectory: ./state-%1$s
            loops: %7$d
            %8$sstandalone:
              snapshot: ./%1$s.jws
              trustKey: ./signing.pub.jwk
              certificate: %3$s
              privateKey: %4$s
              trustBundle: %5$s
            admin: {listen: "127.0.0.1:0"}
            metrics: {listen: "127.0.0.1:0"}
            health: {listen: "127.0.0.1:0"}
            %6$s\
            """.formatted(
                        service,
                        backend.getAddress().getHostAddress() + ":" + backend.getPort(),
                        mesh.resolve(service + ".pem"),
                        mesh.resolve(service + ".key"),
                        mesh.resolve("ca.pem"),
                        more,
                        loops,
                        flavour.line()));
        ProcessBuilder builder = builder("proxy", "--config", config.toString(), "--end-with-stdin");
        builder.environment().putAll(flavour.environment());
        builder.environment().put("SALLYPORT_SKIP_BUILD", "1"); // the commands before it have built
        Child child = workplace.start(name + ": sidecar " + service, folder.resolve(service + ".log"), builder);
        return new Running(child, JSON.readTree(child.firstLine(READY)));
    }

    private ProcessBuilder builder(String... words) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).directory(folder.toFile());
    }
}
