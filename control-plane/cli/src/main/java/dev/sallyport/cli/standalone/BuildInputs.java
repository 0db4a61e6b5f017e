package dev.sallyport.cli.standalone;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Nearest;
import dev.sallyport.policy.Mesh;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/**
 * The options of {@code policy build} that say for whom a snapshot is, and what a control plane would know beside the documents. A name that the Mesh does not declare is wrong
 * usage.
 */
final class BuildInputs {
    private final Invocation invocation;

    @Option(
            names = "--service",
            required = true,
            paramLabel = "SERVICE",
            description = "a service that the Mesh declares")
    private String service;

    @Option(
            names = "--jwks",
            paramLabel = "ISSUER=FILE",
            description = "public keys of a token issuer of the Mesh; without them its tokens are refused; repeatable")
    private List<String> jwks = List.of();

    @Option(
            names = "--endpoint",
            paramLabel = "SERVICE=HOST:PORT",
            description = "where a sidecar of that service listens, beside the Mesh's own endpoints; repeatable")
    private List<String> endpoints = List.of();

    @Option(
            names = "--trust-bundle",
            paramLabel = "PEM",
            description = "the mesh's CA certificates, for sidecars that have no such file")
    private Optional<Path> trustBundle = Optional.empty();

    BuildInputs(Invocation invocation) {
        this.invocation = invocation;
    }

    /** {@code payment.jws}. */
    Path file() {
        return Path.of(service + ".jws");
    }

    Mesh.Service service(Mesh mesh) {
        return declared("--service", service, mesh.services(), "service");
    }

    MeshSnapshot.Trust trust(Mesh mesh) throws CliException {
        return new MeshSnapshot.Trust(
                trustBundle.isPresent()
                        ? List.of(BuildFiles.trustBundle(mesh.trustDomain(), trustBundle.get()))
                        : List.of());
    }

    MeshSnapshot.Keys keys(Mesh mesh) throws CliException {
        SortedMap<String, String> byIssuer = new TreeMap<>();
        for (String text : jwks) {
            Named named = Named.parse(text)
                    .orElseThrow(() -> invocation.usage("--jwks: " + text + " (expected: ISSUER=FILE)"));
            declared("--jwks", named.name(), mesh.issuers(), "token issuer");
            if (byIssuer.put(named.name(), BuildFiles.jwks(named.name(), Path.of(named.value()))) != null) {
                throw invocation.usage("--jwks: two for " + named.name() + " (expected: one file with all its keys)");
            }
        }
        for (String issuer : mesh.issuers().keySet()) {
            if (!byIssuer.containsKey(issuer)) {
                invocation.say("issuer " + issuer + ": no --jwks, its tokens will be refused");
            }
        }
        return new MeshSnapshot.Keys(byIssuer);
    }

    SortedMap<String, List<HostPort>> endpoints(Mesh mesh) {
        SortedMap<String, List<HostPort>> byService = new TreeMap<>();
        for (String text : endpoints) {
            Optional<Named> named = Named.parse(text);
            HostPort address = named.flatMap(pair -> HostPort.parse(pair.value()))
                    .filter(parsed -> parsed.port() > 0)
                    .orElseThrow(() -> invocation.usage("--endpoint: " + text + " (expected: SERVICE=HOST:PORT)"));
            String name = named.orElseThrow().name();
            declared("--endpoint", name, mesh.services(), "service");
            byService.computeIfAbsent(name, _ -> new ArrayList<>()).add(address);
        }
        return byService;
    }

    /** {@code NAME=VALUE}. */
    private record Named(String name, String value) {
        static Optional<Named> parse(String text) {
            int equals = text.indexOf('=');
            return equals < 1 || equals == text.length() - 1
                    ? Optional.empty()
                    : Optional.of(new Named(text.substring(0, equals), text.substring(equals + 1)));
        }
    }

    /** Only what the Mesh declares can be meant by {@code name}. */
    private <T> T declared(String option, String name, Map<String, T> known, String noun) {
        return Optional.ofNullable(known.get(name))
                .orElseThrow(() -> invocation.usage(option + ": " + name + " (expected: a " + noun + " of the Mesh: "
                        + String.join(", ", known.keySet())
                        + Nearest.to(name, known.keySet())
                                .map(nearest -> "; did you mean " + nearest + "?")
                                .orElse("")
                        + ")"));
    }
}
