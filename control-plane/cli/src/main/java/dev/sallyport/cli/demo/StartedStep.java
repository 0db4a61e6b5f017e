package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** 1. Every sidecar says who it is; the control plane's inventory must say the same. */
final class StartedStep implements Step {
    @Override
    public String name() {
        return "services and sidecars are up, each with a certificate of its own";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        int processes = scene.shop().processes();
        int expected = scene.shop().expectedProcesses();
        observation.must(
                processes == expected,
                processes + " processes of " + expected + ": control plane, identity provider, "
                        + scene.shop()
                                .vault()
                                .map(vault -> vault.processes() + " Vault ("
                                        + vault.kind().code() + "), ")
                                .orElse("")
                        + Shop.SERVICES.size()
                        + " services, " + Shop.MEMBERS.size()
                        + " sidecars: theirs, and the edge's, by which people come in");
        Set<String> issued = StreamSupport.stream(
                        scene.shop().api().certificates().path("certificates").spliterator(), false)
                .filter(certificate -> certificate.path("current").asBoolean())
                .map(StartedStep::serialAndIdentity)
                .collect(Collectors.toSet());
        for (Sidecar sidecar : scene.shop().sidecars()) {
            observation.must(
                    issued.contains(sidecar.serial() + " " + sidecar.id()),
                    sidecar.id() + "  expires " + sidecar.notAfter() + "  serial " + sidecar.serial());
        }
        observation.repeat(
                Scene.shell("certs", "list", "--context", scene.shop().context().toString()));
    }

    private static String serialAndIdentity(JsonNode certificate) {
        return certificate.path("serial").asText() + " "
                + certificate.path("identity").asText();
    }
}
