package dev.sallyport.benchmarks.vault;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.VaultLeafAuthority;
import dev.sallyport.authority.setup.SetupException;
import dev.sallyport.authority.setup.VaultSetup;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.EnumSet;

/** One OpenBao with TLS and raft storage, on which {@code sallyport vault setup} was run, for identities of {@code bench.example}. */
public final class BenchVault implements AutoCloseable {
    static final TrustDomain TRUST_DOMAIN = new TrustDomain("bench.example");

    private final BaoServer bao;
    private final Path folder;
    private final VaultSettings settings;

    private BenchVault(BaoServer bao, Path folder, VaultSettings settings) {
        this.bao = bao;
        this.folder = folder;
        this.settings = settings;
    }

    /** {@code folder}: empty, its own. */
    public static BenchVault start(Path folder) throws IOException, InterruptedException {
        BaoServer bao = BaoServer.start(folder.resolve("bao"));
        try {
            Path token = Files.createFile(
                    folder.resolve("token"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(token, bao.rootToken() + "\n");
            VaultSettings wanted =
                    VaultSettings.of(URI.create(bao.address()), bao.caFile(), new VaultAuth.TokenFile(token));
            return new BenchVault(bao, folder, setUp(bao, wanted));
        } catch (IOException | RuntimeException e) {
            bao.close();
            throw e;
        }
    }

    private static VaultSettings setUp(BaoServer bao, VaultSettings wanted) throws IOException {
        try (VaultGateway gateway = VaultGateway.open(wanted)) {
            VaultSetup setup =
                    VaultSetup.of(wanted, TRUST_DOMAIN, EnumSet.of(AuthorityKind.VAULT_LEAF), Clock.systemUTC());
            setup.apply(gateway.as(bao.rootToken()), false, _ -> {});
            return setup.found();
        } catch (VaultException | SetupException e) {
            throw new IOException("vault setup: " + e.getMessage(), e);
        }
    }

    public long pid() {
        return bao.pid();
    }

    /** As a control plane opens it. */
    VaultLeafAuthority authority() throws IOException {
        return VaultLeafAuthority.open(folder.resolve("authority"), TRUST_DOMAIN, settings, Clock.systemUTC());
    }

    /** Where leaves are signed by the issuer that the authority names. */
    URI sign() {
        return URI.create(bao.address() + "/v1/" + settings.mount() + "/issuer/"
                + settings.issuer().orElseThrow() + "/sign/" + settings.role());
    }

    Path caFile() {
        return bao.caFile();
    }

    String token() {
        return bao.rootToken();
    }

    @Override
    public void close() {
        bao.close();
    }
}
