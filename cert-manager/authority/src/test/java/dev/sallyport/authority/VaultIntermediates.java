package dev.sallyport.authority;

import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.VaultSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** An authority whose intermediate a real server signs, on one folder and on time that the test moves; it can be opened again. */
final class VaultIntermediates extends VaultRig {
    /** As in the settings. */
    static final Duration LIFE = Duration.ofDays(14);

    final TestClock clock = new TestClock(Instant.now());
    KeyEncryption encryption;
    private Optional<VaultIntermediateAuthority> open = Optional.empty();

    VaultIntermediates(TestVault vault, Path folder) throws Exception {
        super(vault, folder, "intermediates");
        encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
    }

    VaultIntermediateAuthority open() throws IOException {
        return open(vault.settings(login));
    }

    VaultIntermediateAuthority open(VaultSettings settings) throws IOException {
        close();
        VaultIntermediateAuthority authority = openIn(ca, settings);
        open = Optional.of(authority);
        return authority;
    }

    /** Beside the one that is open; the caller closes it. */
    VaultIntermediateAuthority openIn(Path other) throws IOException {
        return openIn(other, vault.settings(login));
    }

    private VaultIntermediateAuthority openIn(Path other, VaultSettings settings) throws IOException {
        return VaultIntermediateAuthority.open(other, SHOP, settings, encryption, clock, heard);
    }

    /** As if that one were to sign. */
    VaultSettings settings(Optional<String> rootIssuer) {
        VaultSettings some = vault.settings(login);
        return some.withIssuers(some.issuer(), rootIssuer);
    }

    @Override
    public void close() {
        open.ifPresent(VaultIntermediateAuthority::close);
    }
}
