package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.Until;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.SpiffeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Authorities whose leaves a real server signs, on one folder. */
final class VaultLeaves extends VaultRig {
    private final List<VaultLeafAuthority> open = new ArrayList<>();
    Clock clock = Clock.systemUTC();

    VaultLeaves(TestVault vault, Path folder) throws Exception {
        super(vault, folder, "leaves");
    }

    VaultLeafAuthority open() throws IOException {
        return open(vault.settings(login));
    }

    VaultLeafAuthority open(VaultSettings settings) throws IOException {
        VaultLeafAuthority authority = VaultLeafAuthority.open(ca, SHOP, settings, clock, heard);
        open.add(authority);
        return authority;
    }

    /** As if that one were to sign. */
    VaultSettings settings(Optional<String> issuer) {
        VaultSettings some = vault.settings(login);
        return some.withIssuers(issuer, some.rootIssuer());
    }

    IssuedCertificate issue(VaultLeafAuthority authority, SpiffeId id, Duration life) throws Exception {
        return authority.issue(csr, id, life);
    }

    AuthorityUnavailableException unavailable(VaultLeafAuthority authority) {
        return catchThrowableOfType(AuthorityUnavailableException.class, () -> issue(authority, ORDERS, DAY));
    }

    void recovers(VaultLeafAuthority authority) throws Exception {
        Until.holds("signs again", Duration.ofSeconds(30), () -> {
            try {
                issue(authority, ORDERS, DAY);
                return true;
            } catch (AuthorityUnavailableException e) {
                return false;
            }
        });
        assertThat(authority.standing().problem()).isEmpty();
    }

    @Override
    public void close() {
        open.forEach(VaultLeafAuthority::close);
    }
}
