package dev.sallyport.demo;

import dev.sallyport.demo.bao.BaoServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The shop's Vault, {@code sallyport demo-vault --folder DIR}: a real OpenBao server, initialised and unsealed, with all it has in that folder: its log, the certificate that clients
 * trust ({@code tls.crt}) and the root token ({@code root-token}, 0600) for whoever sets it up.
 */
public final class DemoVault {
    private DemoVault() {}

    public static void main(String[] args) throws Exception {
        try {
            Flags flags = Flags.parse(args, Set.of("--folder"), Set.of("--end-with-stdin"));
            Path folder = Path.of(flags.required("--folder")).toAbsolutePath();
            try (BaoServer vault = BaoServer.start(folder)) {
                Path token = folder.resolve("root-token");
                Files.deleteIfExists(token);
                Files.createFile(
                        token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(token, vault.rootToken());
                System.out.println(new Json()
                        .text("ready", "demo-vault")
                        .text("address", vault.address())
                        .text("ca", vault.caFile().toString())
                        .text("tokenFile", token.toString()));
                LocalServer.awaitEnd(flags.has("--end-with-stdin"));
            }
            System.exit(0);
        } catch (Flags.UsageException e) {
            LocalServer.refuse("demo-vault: " + e.getMessage(), 2);
        } catch (IOException e) {
            LocalServer.refuse("demo-vault: " + e.getMessage(), 1);
        }
    }
}
