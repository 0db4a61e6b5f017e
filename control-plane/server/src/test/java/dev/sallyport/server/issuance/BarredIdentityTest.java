package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No sequence of enrolments, renewals and revocations gives a certificate to a barred identity, or a successor to a revoked certificate. */
class BarredIdentityTest {
    private static final int STEPS = 250;
    private static final List<SpiffeId> IDENTITIES = List.of(TestIssuance.FRONT, TestIssuance.BACK);

    @TempDir
    private Path folder;

    private TestIssuance issuance;
    private final List<String> tokens = new ArrayList<>();
    private final List<TestIssuance.Held> held = new ArrayList<>();
    private final List<KeyPair> keys = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        issuance = new TestIssuance(folder);
    }

    @AfterEach
    void stop() {
        issuance.close();
    }

    /** The events are in the order in which the transactions were: what they say is what happened. */
    private static Optional<CertificateEvent> wrong(List<CertificateEvent> events) {
        Set<String> barred = new HashSet<>();
        Set<String> revoked = new HashSet<>();
        for (CertificateEvent event : events) {
            switch (event.kind()) {
                case "issued", "renewed" -> {
                    boolean ofRevoked =
                            revoked.stream().anyMatch(serial -> event.detail().startsWith("succeeds " + serial + ","));
                    if (barred.contains(event.identity()) || ofRevoked) {
                        return Optional.of(event);
                    }
                }
                case "revoked" ->
                    (event.serial().isEmpty() ? barred : revoked)
                            .add(event.serial().isEmpty() ? event.identity() : event.serial());
                case "reinstated" -> barred.remove(event.identity());
                default -> {}
            }
        }
        return Optional.empty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingIsIssuedToABarredIdentityWhateverTheSequence(long seed) throws Exception {
        Random random = new Random(seed);
        tokens.add(issuance.token("back", TestIssuance.BACK));
        held.add(issuance.enrolled("back", TestIssuance.BACK));
        int issued = 0;
        for (int step = 0; step < STEPS; step++) {
            issued += step(random) ? 1 : 0;
        }
        List<CertificateEvent> events = issuance.events();
        assertThat(wrong(events)).as("seed %s", seed).isEmpty();
        assertThat(issued)
                .as("seed %s: it is no proof when nothing was issued", seed)
                .isGreaterThan(STEPS / 20);
        assertThat(events).as("seed %s", seed).anyMatch(event -> event.kind().equals("reinstated"));
        assertThat(issuance.parts.events().check().broken()).isEmpty();
    }

    /** One of what administrators, sidecars and thieves do; true: a certificate was handed out. */
    private boolean step(Random random) throws Exception {
        SpiffeId identity = IDENTITIES.get(random.nextInt(IDENTITIES.size()));
        try {
            switch (random.nextInt(10)) {
                case 0, 1 ->
                    tokens.add(issuance.token(identity.equals(TestIssuance.BACK) ? "back" : "front", identity));
                case 2, 3 -> {
                    held.add(issuance.enrol(any(tokens, random), key(random)));
                    return true;
                }
                case 4, 5, 6 -> {
                    held.add(issuance.renew(any(held, random), key(random)));
                    return true;
                }
                case 7 -> issuance.revocations.revokeIdentity(identity, TestIssuance.ACT);
                case 8 -> issuance.revocations.reinstate(identity, "administrator");
                default -> {
                    if (random.nextInt(3) == 0) {
                        issuance.revocations.revokeSerial(any(held, random).serial(), TestIssuance.ACT);
                    } else {
                        issuance.clock.move(Duration.ofSeconds(random.nextInt(600)));
                    }
                }
            }
        } catch (RefusedException | RevocationRefusedException | ThrottledException e) {
            return false;
        }
        return false;
    }

    /** Mostly a new one; now and then one that was used before, by whomever. */
    private KeyPair key(Random random) {
        if (keys.isEmpty() || random.nextInt(4) > 0) {
            keys.add(CertificateSigningRequest.newKeyPair());
            return keys.getLast();
        }
        return any(keys, random);
    }

    /** The newest more often than the others: of those nearly all have been revoked. */
    private static <T> T any(List<T> list, Random random) {
        int back = Math.min(list.size() - 1, (int) Math.abs(random.nextGaussian() * 2));
        return list.get(list.size() - 1 - back);
    }

    @Test
    void theCheckSeesACertificateOfABarredIdentity() throws Exception {
        TestIssuance.Held back = issuance.enrolled("back", TestIssuance.BACK);
        issuance.revocations.revokeIdentity(TestIssuance.BACK, TestIssuance.ACT);
        List<CertificateEvent> events = new ArrayList<>(issuance.events());
        events.add(events.getFirst());
        assertThat(wrong(events)).map(CertificateEvent::serial).contains(back.serial());
    }

    @Test
    void revocationWhileTheAuthoritySignsIsNotOvertaken() throws Exception {
        TestIssuance.Held back = issuance.enrolled("back", TestIssuance.BACK);
        String token = issuance.token("back", TestIssuance.BACK);
        issuance.whileSigning.set(() -> {
            try {
                issuance.revocations.revokeIdentity(TestIssuance.BACK, TestIssuance.ACT);
            } catch (RevocationRefusedException e) {
                // By the first of the two already.
            }
        });
        assertThatThrownBy(() -> issuance.renew(back, CertificateSigningRequest.newKeyPair()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("revoked");
        assertThatThrownBy(() -> issuance.enrol(token, CertificateSigningRequest.newKeyPair()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("revoked");
    }

    @Test
    void norByManyAtOnce() throws Exception {
        TestIssuance.Held first = issuance.enrolled("back", TestIssuance.BACK);
        AtomicBoolean going = new AtomicBoolean(true);
        CountDownLatch done = new CountDownLatch(3);
        for (int thread = 0; thread < 3; thread++) {
            Thread.ofVirtual().start(() -> {
                try {
                    TestIssuance.Held current = first;
                    while (going.get()) {
                        try {
                            current = issuance.enrolled("back", TestIssuance.BACK);
                            current = issuance.renew(current, CertificateSigningRequest.newKeyPair());
                        } catch (RefusedException e) {
                            Thread.sleep(1);
                        }
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                } finally {
                    done.countDown();
                }
            });
        }
        for (int turn = 0; turn < 8; turn++) {
            long seen = issuance.events().size();
            await(() -> issuance.events().size() >= seen + 4);
            issuance.revocations.revokeIdentity(TestIssuance.BACK, TestIssuance.ACT);
            issuance.revocations.reinstate(TestIssuance.BACK, "administrator");
        }
        going.set(false);
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong(issuance.events())).isEmpty();
        assertThat(issuance.parts.events().check().broken()).isEmpty();
    }

    private static void await(java.util.function.BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 20 s").isLessThan(end);
            Thread.sleep(5);
        }
    }
}
