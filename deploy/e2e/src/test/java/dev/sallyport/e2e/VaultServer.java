package dev.sallyport.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real OpenBao, set up for a mesh by the command that everybody uses, and what may happen to it. */
final class VaultServer implements AutoCloseable {
    private final Running server;
    private final Path folder;

    private VaultServer(Running server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    /** Signs for {@code trustDomain} when it returns. {@code folder} is made. */
    static VaultServer start(Path folder, String trustDomain) throws IOException {
        Files.createDirectories(folder);
        Running server = Running.start(
                folder.resolve("demo-vault.log"),
                "demo-vault",
                "--folder",
                folder.resolve("server").toString());
        VaultServer vault = new VaultServer(server, folder);
        Path settings = folder.resolve("start.yaml");
        Files.writeString(settings, """
                address: %s
                caFile: %s
                auth: {method: approle, role: control-plane, roleIdFile: role_id, secretIdFile: secret_id}
                """.formatted(server.text("address"), server.text("ca")));
        vault.setup(
                "--apply",
                "--config",
                settings.toString(),
                "--trust-domain",
                trustDomain,
                "--credentials",
                vault.credentials().toString());
        return vault;
    }

    /** {@code vault setup} with the token that may do everything; its output. */
    String setup(String... arguments) {
        List<String> command = new ArrayList<>(List.of("vault", "setup", "--token-file", server.text("tokenFile")));
        command.addAll(List.of(arguments));
        Shell.Result result = Shell.sallyport(command.toArray(String[]::new));
        if (result.exit() != 0) {
            throw new AssertionError("vault setup: " + result);
        }
        return result.out();
    }

    private Path credentials() {
        return folder.resolve("credentials");
    }

    /** For {@code --vault}. */
    Path settings() {
        return credentials().resolve("vault.yaml");
    }

    /** It answers 503 to everything from now on. There is no way back. */
    void seal() throws IOException {
        request("PUT", "sys/seal");
    }

    /** What it answers, with the token that may do everything. */
    String request(String method, String path) throws IOException {
        Shell.Result answer = Shell.run(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--fail",
                "--cacert",
                server.text("ca"),
                "--request",
                method,
                "--header",
                "X-Vault-Token: " + Files.readString(Path.of(server.text("tokenFile"))),
                server.text("address") + "/v1/" + path));
        if (answer.exit() != 0) {
            throw new AssertionError(method + " " + path + ": " + answer.err());
        }
        return answer.out();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
