package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The Vault that signs for the shop: a server of its own, or the one that {@code VAULT_ADDR} names, where it gets mounts of its own. */
final class ShopVault {
    private static final String PROCESS = "vault";
    private static final String TRUST_DOMAIN = "shop.example";

    private final AuthorityKind kind;
    private final Path folder;
    private final Map<String, String> environment;
    private final String mounts = "sallyport-demo-"
            + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);

    /** {@code folder}: where settings, credentials and an own server's data go. */
    ShopVault(AuthorityKind kind, Path folder, Map<String, String> environment) {
        this.kind = kind;
        this.folder = folder;
        this.environment = environment;
    }

    AuthorityKind kind() {
        return kind;
    }

    /** Of somebody else: it was there before, and stays. */
    boolean foreign() {
        return !environment.getOrDefault("VAULT_ADDR", "").isEmpty();
    }

    /** Processes that it needs. */
    int processes() {
        return foreign() ? 0 : 1;
    }

    /** Does not wait. */
    void launch(Processes processes) throws CliException {
        if (!foreign()) {
            processes.launch(
                    PROCESS,
                    "demo-vault",
                    List.of("--folder", folder.resolve("server").toString()));
        }
    }

    /** Makes it sign for the shop's trust domain, by the command that everybody uses. */
    void setUp(Processes processes) throws CliException, IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(List.of(
                "vault",
                "setup",
                "--apply",
                "--mode",
                kind.code(),
                "--trust-domain",
                TRUST_DOMAIN,
                "--credentials",
                credentials().toString(),
                "--config",
                folder.resolve("start.yaml").toString()));
        if (foreign()) {
            Files.writeString(
                    folder.resolve("start.yaml"),
                    settings(
                            environment.getOrDefault("VAULT_ADDR", ""),
                            Optional.ofNullable(environment.get("VAULT_CACERT"))));
        } else {
            JsonNode ready = processes.ready(PROCESS);
            Files.writeString(
                    folder.resolve("start.yaml"),
                    settings(
                            ready.path("address").asText(),
                            Optional.of(ready.path("ca").asText())));
            command.addAll(List.of("--token-file", ready.path("tokenFile").asText()));
        }
        Scene.Ran ran = Scene.run(command.toArray(String[]::new));
        if (ran.exit() != 0) {
            throw new CliException("vault setup: " + (ran.err() + ran.out()).strip());
        }
    }

    private String settings(String address, Optional<String> caFile) {
        return "address: " + address + "\n"
                + caFile.map(file -> "caFile: " + file + "\n").orElse("")
                + "mount: " + mounts + "-mesh\n"
                + "rootMount: " + mounts + "-root\n"
                + "auth: {method: approle, mount: " + mounts
                + "-approle, role: control-plane, roleIdFile: role_id, secretIdFile: secret_id}\n";
    }

    private Path credentials() {
        return folder.resolve("credentials");
    }

    List<String> controlPlaneArguments() {
        return List.of(
                "--authority",
                kind.code(),
                "--vault",
                credentials().resolve("vault.yaml").toString());
    }

    /** Ends the server, for good; one of somebody else's is left alone. */
    void stop(Processes processes) {
        processes.stop(PROCESS::equals);
    }

    /** What to delete in somebody else's Vault afterwards. */
    List<String> leftovers() {
        return foreign()
                ? List.of(
                        "vault secrets disable " + mounts + "-mesh",
                        "vault secrets disable " + mounts + "-root",
                        "vault auth disable " + mounts + "-approle")
                : List.of();
    }
}
