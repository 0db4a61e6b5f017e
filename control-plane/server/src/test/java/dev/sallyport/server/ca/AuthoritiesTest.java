package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is opened at a start, and what a start makes of older folders. */
class AuthoritiesTest {
    @TempDir
    Path state;

    private Store store;
    private KeyEncryption encryption;
    private Path ca;
    private final List<AuthorityKind> opened = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        store = Store.open(state);
        encryption = KeyEncryption.fromFile(state.resolve("key/ca.key"));
        ca = state.resolve("ca");
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private EmbeddedAuthority embedded(Path folder) throws IOException {
        return EmbeddedAuthority.open(folder, TestFleet.SHOP, encryption, Clock.systemUTC());
    }

    private Authorities open(AuthorityKind kind) throws IOException {
        return Authorities.open(
                store,
                TestFleet.SHOP,
                ca,
                kind,
                (which, folder) -> {
                    opened.add(which);
                    return embedded(folder);
                },
                Clock.systemUTC());
    }

    @Test
    void firstStartMakesTheFirstGenerationForNobodyElsesEyes() throws Exception {
        Authorities authorities = open(AuthorityKind.EMBEDDED);
        assertThat(authorities.signing().number()).isEqualTo(1);
        assertThat(authorities.own()).isEqualTo(authorities.signing());
        assertThat(authorities.joining(Instant.EPOCH)).isEqualTo(authorities.signing());
        assertThat(authorities.staged("1")).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ca)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ca.resolve("1"))))
                .isEqualTo("rwx------");
    }

    @Test
    void oldLayoutMovesIntoTheFirstGeneration() throws Exception {
        TrustBundle before = embedded(ca).trustBundle();
        assertThat(open(AuthorityKind.EMBEDDED).bundle()).isEqualTo(before);
        assertThat(ca.resolve("root.pem")).doesNotExist();
        assertThat(ca.resolve("intermediate.pem")).doesNotExist();
        assertThat(ca.resolve("1/root.pem")).exists();
    }

    @Test
    void moveThatWasCutShortIsCompleted() throws Exception {
        EmbeddedAuthority before = embedded(ca);
        Files.createDirectories(ca.resolve("1"));
        Files.move(ca.resolve("intermediate.pem"), ca.resolve("1/intermediate.pem"));
        Authorities authorities = open(AuthorityKind.EMBEDDED);
        assertThat(authorities.bundle()).isEqualTo(before.trustBundle());
        assertThat(authorities.active().standing().issuer())
                .isEqualTo(before.standing().issuer());
    }

    @Test
    void twoRootsForOneGenerationAreRefused() throws Exception {
        embedded(ca);
        embedded(ca.resolve("1"));
        assertThatThrownBy(() -> open(AuthorityKind.EMBEDDED))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: one of them");
        assertThat(ca.resolve("root.pem")).exists();
    }

    @Test
    void kindInForceIsTheStoredOneWhateverIsConfigured() throws Exception {
        open(AuthorityKind.VAULT_INTERMEDIATE);
        opened.clear();
        assertThat(open(AuthorityKind.EMBEDDED).signing().kind()).isEqualTo(AuthorityKind.VAULT_INTERMEDIATE);
        assertThat(opened).containsExactly(AuthorityKind.VAULT_INTERMEDIATE);
    }

    @Test
    void kindOfAFirstTryThatFailedBindsNobody() throws Exception {
        assertThatThrownBy(() -> Authorities.open(
                        store,
                        TestFleet.SHOP,
                        ca,
                        AuthorityKind.VAULT_LEAF,
                        (_, _) -> {
                            throw new IOException("sealed");
                        },
                        Clock.systemUTC()))
                .hasMessageContaining("sealed");
        assertThat(open(AuthorityKind.EMBEDDED).signing().kind()).isEqualTo(AuthorityKind.EMBEDDED);
    }
}
