package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.AuthorityBetween;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control plane is somebody also while its authority is away. */
@Timeout(60)
class OwnSvidTest {
    private static final TrustDomain SHOP = new TrustDomain("shop.example");

    @TempDir
    Path state;

    private Store store;
    private KeyEncryption encryption;
    private volatile boolean away;
    private volatile CountDownLatch frozen = new CountDownLatch(0);
    private final List<OwnSvid> started = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        store = Store.open(state);
        encryption = KeyEncryption.fromFile(state.resolve("key/ca.key"));
    }

    @AfterEach
    void close() {
        frozen.countDown();
        started.forEach(OwnSvid::close);
        store.close();
    }

    /** As far away as it is told to be. */
    private void reach() throws AuthorityUnavailableException {
        try {
            frozen.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (away) {
            throw AuthorityBetween.sealed();
        }
    }

    private OwnSvid own(Duration life) throws IOException {
        Authorities authorities = Authorities.open(
                store,
                SHOP,
                state.resolve("ca"),
                AuthorityKind.VAULT_LEAF,
                (_, folder) -> {
                    if (away) {
                        throw new IOException("vault: connection refused");
                    }
                    return new AuthorityBetween(
                            EmbeddedAuthority.open(folder, SHOP, encryption, Clock.systemUTC()),
                            this::reach,
                            AuthorityBetween.Moment.NONE);
                },
                Clock.systemUTC());
        OwnSvid own = new OwnSvid(authorities, new OwnSvidFile(file(), encryption), SHOP, life, Clock.systemUTC());
        started.add(own);
        return own;
    }

    private OwnSvid start() throws IOException {
        OwnSvid own = own(Duration.ofHours(24));
        own.start();
        return own;
    }

    private Path file() {
        return state.resolve("own-svid.pem");
    }

    private static String serial(OwnSvid own) {
        return own.source().svid().orElseThrow().serial();
    }

    @Test
    void theOneThatIsKeptIsShownAgainWhileTheAuthorityIsAway() throws Exception {
        String serial = serial(start());
        away = true;
        OwnSvid again = start();
        assertThat(serial(again)).isEqualTo(serial);
        assertThat(again.source().bundle(SHOP)).isPresent();
    }

    @Test
    void keyIsSealedAndForNobodyElsesEyes() throws Exception {
        OwnSvid own = start();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file())).contains("SEALED KEY").doesNotContain("PRIVATE KEY");
        KeyEncryption other = KeyEncryption.fromFile(state.resolve("other/ca.key"));
        assertThat(new OwnSvidFile(file(), other).read()).isEmpty();
        assertThat(new OwnSvidFile(file(), encryption)
                        .read()
                        .orElseThrow()
                        .svid()
                        .serial())
                .isEqualTo(serial(own));
    }

    @Test
    void fileThatIsBrokenIsReplaced() throws Exception {
        String serial = serial(start());
        Files.writeString(file(), "generation 1\nnothing else");
        OwnSvid again = start();
        assertThat(serial(again)).isNotEqualTo(serial);
        assertThat(new OwnSvidFile(file(), encryption).read()).isPresent();
    }

    @Test
    void withoutAnyItStartsAndGetsOneWhenTheAuthorityIsBack() throws Exception {
        OwnSvid first = own(Duration.ofHours(24));
        away = true;
        first.start();
        assertThat(first.source().svid()).isEmpty();
        away = false;
        await().atMost(Duration.ofSeconds(20)).until(() -> first.source().svid().isPresent());
    }

    @Test
    void frozenAuthorityHoldsUpNobodyWhoOnlyReads() throws Exception {
        OwnSvid own = own(Duration.ofSeconds(4));
        own.start();
        String serial = serial(own);
        frozen = new CountDownLatch(1);
        // Due at 3 s at the latest, and then it hangs: on no thread of anybody else.
        await().pollDelay(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(20))
                .until(() -> Thread.getAllStackTraces().entrySet().stream()
                        .anyMatch(thread -> thread.getKey().getName().equals("own-svid")
                                && List.of(thread.getValue()).toString().contains("CountDownLatch.await")));
        assertThat(serial(own)).isEqualTo(serial);
        frozen.countDown();
        await().atMost(Duration.ofSeconds(20)).until(() -> !serial(own).equals(serial));
    }

    @Test
    void requestThatIsRefusedForGoodStopsTheStart() throws Exception {
        OwnSvid none = own(Duration.ofSeconds(-1));
        assertThatThrownBy(none::start).isInstanceOf(IOException.class).hasMessageContaining("certificate of");
    }
}
