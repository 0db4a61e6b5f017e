package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.RevokingAuthority;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told of a revocation: the authority that signed, whoever signs today. */
class RevocationSignersTest {
    private static final TrustDomain DOMAIN = new TrustDomain("small.example");
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private Store store;
    private byte[] leaf = {};
    private final Map<Integer, Integer> told = new ConcurrentHashMap<>();

    @BeforeEach
    void start() throws Exception {
        store = Store.open(folder);
        Clock clock = Clock.systemUTC();
        leaf = EmbeddedAuthority.open(
                        folder.resolve("ca"), DOMAIN, KeyEncryption.fromFile(folder.resolve("ca.key")), clock)
                .issue(
                        CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair()),
                        new SpiffeId(DOMAIN, "/sa/back"),
                        Duration.ofHours(1))
                .leaf()
                .getEncoded();
        for (int generation = 1; generation <= 4; generation++) {
            revoked(generation);
        }
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private void revoked(int generation) {
        long now = Instant.now().toEpochMilli();
        store.change(handle -> {
            handle.execute(
                    "insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method, instance, key_hash, generation, leaf)"
                            + " values (?, 'spiffe://small.example/sa/back', 0, ?, 0, 0, 'renewal', 'i', 'k', ?, ?)",
                    "0" + generation,
                    now + 3_600_000,
                    generation,
                    leaf);
            return handle.execute(
                    "insert into revocations (serial, identity, reason, revoked_by, at, until, tell)"
                            + " values (?, 'spiffe://small.example/sa/back', '', '', 0, ?, 'wanted')",
                    "0" + generation,
                    now + 3_600_000);
        });
    }

    /** 1 and 2 keep lists of their own, 3 does not, 4 is not open. */
    private Optional<RevokingAuthority> signer(int generation) throws AuthorityUnavailableException {
        return switch (generation) {
            case 1, 2 -> Optional.of(_ -> told.merge(generation, 1, Integer::sum));
            case 4 -> throw new AuthorityUnavailableException("not open", Duration.ofMinutes(1));
            default -> Optional.empty();
        };
    }

    private String tell(int generation) {
        return store.read(
                handle -> handle.createQuery("select tell || ' ' || tell_tries from revocations where serial = ?")
                        .bind(0, "0" + generation)
                        .mapTo(String.class)
                        .one());
    }

    @Test
    void eachAuthorityIsToldOfWhatItSigned() {
        try (RevocationNotices notices = new RevocationNotices(store, this::signer, Clock.systemUTC())) {
            notices.start();
            await().atMost(DEADLINE).until(() -> tell(4).equals("wanted 1"));
            assertThat(told).isEqualTo(Map.of(1, 1, 2, 1));
            assertThat(tell(1)).isEqualTo("told 0");
            assertThat(tell(2)).isEqualTo("told 0");
            assertThat(tell(3)).as("has no list").isEqualTo("none 0");
            assertThat(notices.waiting()).as("the one that is not open").isEqualTo(1);
        }
    }

    @Test
    void whoCannotBeToldIsTriedOnceMoreShortlyBeforeTheEnd() {
        long end = Instant.now().plusSeconds(100).toEpochMilli();
        store.change(
                handle -> handle.execute("update revocations set until = ?, tell_tries = 9 where serial = '04'", end));
        try (RevocationNotices notices = new RevocationNotices(store, this::signer, Clock.systemUTC())) {
            notices.start();
            await().atMost(DEADLINE).until(() -> tell(4).equals("wanted 10"));
        }
        long next = store.read(handle -> handle.createQuery("select tell_next from revocations where serial = '04'")
                .mapTo(Long.class)
                .one());
        assertThat(next).isEqualTo(end - 60_000);
    }

    @Test
    void afterTheLastTryItIsGivenUpAndOnRecord() {
        long end = Instant.now().plusSeconds(30).toEpochMilli();
        store.change(handle -> handle.execute("update revocations set until = ? where serial = '04'", end));
        try (RevocationNotices notices = new RevocationNotices(store, this::signer, Clock.systemUTC())) {
            notices.start();
            await().atMost(DEADLINE).until(() -> tell(4).equals("given-up 0"));
        }
        assertThat(new CertificateEvents(store).of("04", 10))
                .extracting(CertificateEvent::kind)
                .containsExactly("not-told");
    }
}
