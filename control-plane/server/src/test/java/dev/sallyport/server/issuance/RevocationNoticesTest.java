package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.RevokingAuthority;
import dev.sallyport.identity.X509Svid;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The authority that signed is told of revocations when it can be, and nobody waits for it. */
class RevocationNoticesTest {
    @TempDir
    private Path folder;

    private TestIssuance issuance;
    private FakeVault vault;
    private RevocationNotices notices;

    /** An authority with a list. */
    private static final class FakeVault implements RevokingAuthority {
        final List<String> revoked = new CopyOnWriteArrayList<>();
        volatile boolean sealed;
        volatile boolean refuses;
        volatile CountDownLatch frozen = new CountDownLatch(0);
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public void revoke(X509Certificate leaf) throws IssuanceRefusedException, AuthorityUnavailableException {
            asked.incrementAndGet();
            try {
                frozen.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (sealed) {
                throw new AuthorityUnavailableException("sealed", Duration.ofSeconds(1));
            }
            if (refuses) {
                throw new IssuanceRefusedException("no such serial");
            }
            revoked.add(X509Svid.serialOf(leaf));
        }
    }

    @BeforeEach
    void start() throws Exception {
        issuance = new TestIssuance(folder);
        vault = new FakeVault();
        issuance.told.set(Optional.of(vault));
        notices = new RevocationNotices(issuance.store, _ -> issuance.told.get(), issuance.clock);
        issuance.revocations.onChange(_ -> notices.look());
    }

    @AfterEach
    void stop() {
        notices.close();
        issuance.close();
    }

    private String revoked() throws Exception {
        String serial = issuance.enrolled("back", TestIssuance.BACK).serial();
        issuance.revocations.revokeSerial(serial, TestIssuance.ACT);
        return serial;
    }

    private String tell(String serial) {
        return issuance.revocations.find(serial).orElseThrow().tell();
    }

    @Test
    void authorityIsToldOfEveryRevokedCertificate() throws Exception {
        String first = revoked();
        String second = issuance.enrolled("front", TestIssuance.FRONT).serial();
        issuance.revocations.revokeIdentity(TestIssuance.FRONT, TestIssuance.ACT);
        await().untilAsserted(() -> assertThat(vault.revoked).containsExactlyInAnyOrder(first, second));
        await().until(() -> notices.waiting() == 0);
        assertThat(tell(first)).isEqualTo("told");
        assertThat(issuance.revocations.find(first).orElseThrow().toldAt()).isPresent();
        assertThat(issuance.events())
                .filteredOn(event -> event.kind().equals("told"))
                .hasSize(2);
    }

    @Test
    void frozenAuthorityDelaysNoRevocation() throws Exception {
        vault.frozen = new CountDownLatch(1);
        String first = revoked();
        await().until(() -> vault.asked.get() == 1);
        String second = revoked(); // While the thread that tells hangs.
        assertThat(issuance.revocations.inForce().serials()).contains(first, second);
        vault.frozen.countDown();
        await().untilAsserted(() -> assertThat(vault.revoked).containsExactlyInAnyOrder(first, second));
    }

    @Test
    void sealedAuthorityIsToldLaterAlsoAfterARestart() throws Exception {
        vault.sealed = true;
        String serial = revoked();
        await().until(() -> vault.asked.get() == 1);
        await().until(() -> notices.waiting() == 1);
        notices.look();
        assertThat(tell(serial)).isEqualTo("wanted");
        notices.close();
        vault.sealed = false;
        issuance.clock.move(Duration.ofMinutes(1));
        try (RevocationNotices next = new RevocationNotices(issuance.store, _ -> issuance.told.get(), issuance.clock)) {
            next.look();
            await().untilAsserted(() -> assertThat(vault.revoked).containsExactly(serial));
        }
    }

    @Test
    void triesAreBoundedByTheEndOfTheCertificate() throws Exception {
        vault.sealed = true;
        String serial = revoked();
        await().until(() -> vault.asked.get() == 1);
        int tries = 1;
        for (int hour = 0; hour < 30 && !tell(serial).equals("given-up"); hour++) {
            int before = vault.asked.get();
            issuance.clock.move(Duration.ofHours(1));
            notices.look();
            await().until(() -> vault.asked.get() > before);
            await().until(() -> tell(serial).equals("given-up") || waits(serial));
            tries++;
        }
        assertThat(tell(serial)).isEqualTo("given-up");
        assertThat(tries).isBetween(20, 30);
        assertThat(issuance.events().getLast().detail()).contains("not told before its end: sealed");
    }

    /** The failure of the last try is in the store. */
    private boolean waits(String serial) {
        return issuance.store.read(handle -> handle.createQuery("select tell_next from revocations where serial = ?")
                        .bind(0, serial)
                        .mapTo(Long.class)
                        .one())
                > issuance.clock.millis();
    }

    @Test
    void refusalOfTheAuthorityIsFinalAndOnRecord() throws Exception {
        vault.refuses = true;
        String serial = revoked();
        await().until(() -> tell(serial).equals("given-up"));
        assertThat(issuance.events().getLast().kind()).isEqualTo("not-told");
        assertThat(issuance.events().getLast().detail()).contains("no such serial");
    }

    @Test
    void authorityWithoutAListIsNotTold() throws Exception {
        issuance.told.set(Optional.empty());
        String serial = revoked();
        await().until(() -> tell(serial).equals("none"));
        assertThat(notices.waiting()).isZero();
        assertThat(vault.asked.get()).isZero();
    }
}
