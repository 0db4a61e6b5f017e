package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start while the authority is out of reach: what the store knows of it stands, and it signs again when it is back. */
class AwayAuthorityTest {
    @TempDir
    Path state;

    private Store store;
    private KeyEncryption encryption;
    private boolean away;
    private String place = "";

    @BeforeEach
    void open() throws Exception {
        store = Store.open(state);
        encryption = KeyEncryption.fromFile(state.resolve("key/ca.key"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Authorities start(AuthorityKind kind) throws IOException {
        return Authorities.open(store, TestFleet.SHOP, state.resolve("ca"), kind, this::opened, Clock.systemUTC());
    }

    private CertificateAuthority opened(AuthorityKind kind, Path folder) throws IOException {
        if (away) {
            throw new IOException("vault: connection refused");
        }
        return EmbeddedAuthority.open(folder.resolve(place), TestFleet.SHOP, encryption, Clock.systemUTC());
    }

    private static void sign(Authorities authorities) throws Exception {
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        authorities.active().issue(request, SpiffeId.controlPlane(TestFleet.SHOP), Duration.ofMinutes(1));
    }

    @Test
    void startsWithWhatIsKnownAndSignsWhenItIsBack() throws Exception {
        TrustBundle before = start(AuthorityKind.VAULT_LEAF).bundle();
        away = true;
        Authorities authorities = start(AuthorityKind.VAULT_LEAF);
        assertThat(authorities.bundle()).isEqualTo(before);
        assertThat(authorities.away()).isTrue();
        assertThat(authorities.active().standing().problem()).contains("vault: connection refused");
        assertThat(authorities.active().standing().aloneUntil()).isEmpty();
        assertThatThrownBy(() -> sign(authorities))
                .isInstanceOf(AuthorityUnavailableException.class)
                .hasMessageContaining("connection refused");
        authorities.retry();
        assertThat(authorities.away()).isTrue();
        away = false;
        authorities.retry();
        assertThat(authorities.away()).isFalse();
        sign(authorities);
        assertThat(authorities.active().standing().problem()).isEmpty();
    }

    @Test
    void firstStartNeedsItAndSoDoOurOwnFiles() throws Exception {
        away = true;
        assertThatThrownBy(() -> start(AuthorityKind.VAULT_LEAF)).hasMessageContaining("connection refused");
        away = false;
        start(AuthorityKind.EMBEDDED);
        away = true;
        assertThatThrownBy(() -> start(AuthorityKind.EMBEDDED)).hasMessageContaining("connection refused");
    }

    @Test
    void otherOneThatComesBackInItsPlaceIsNotTaken() throws Exception {
        start(AuthorityKind.VAULT_LEAF);
        away = true;
        Authorities authorities = start(AuthorityKind.VAULT_LEAF);
        away = false;
        place = "other";
        authorities.retry();
        assertThat(authorities.away()).isTrue();
        assertThatThrownBy(() -> start(AuthorityKind.VAULT_LEAF)).hasMessageContaining("has root");
    }

    @Test
    void rotationLeavesOneThatIsAway() throws Exception {
        try (Rig rig = new Rig(state.resolve("rig"), Store.open(state.resolve("rig-store")))) {
            AuthorityOpener real = rig.opener;
            rig.store().change(handle -> handle.execute("update ca_generations set kind = 'vault-leaf'"));
            rig.fleet.join("front", "f1");
            rig.opener = (kind, folder) -> {
                if (kind == AuthorityKind.VAULT_LEAF) {
                    throw new IOException("vault: connection refused");
                }
                return real.open(kind, folder);
            };
            rig.fleet.keepsItsOwnWhenNobodySigns = true;
            rig.restartOnTheSameStore();
            rig.begin(new RotationRequest(
                    Subject.AUTHORITY, java.util.Optional.of(AuthorityKind.EMBEDDED), false, java.util.List.of()));
            for (int i = 0; i < 10 && !rig.phase().over(); i++) {
                rig.step();
            }
            assertThat(rig.phase()).isEqualTo(Phase.DONE);
            assertThat(rig.authorities().away()).isFalse();
            sign(rig.authorities());
        }
    }
}
