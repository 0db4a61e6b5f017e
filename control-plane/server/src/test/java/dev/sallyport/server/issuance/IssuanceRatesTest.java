package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often, and for how long. */
class IssuanceRatesTest {
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    private Path folder;

    private final AtomicLong now = new AtomicLong();
    private final IssuanceRates rates = new IssuanceRates(now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private int spent(Method method, SpiffeId identity, String instance, int tries) {
        int spent = 0;
        for (int i = 0; i < tries; i++) {
            try {
                rates.spend(method, identity, instance + (instance.endsWith("-") ? i : ""), DAY);
                spent++;
            } catch (ThrottledException e) {
                assertThat(e.retryAfter()).isPositive();
            }
        }
        return spent;
    }

    @Test
    void oneInstanceIsHeldBackAndNobodyElse() {
        assertThat(spent(Method.RENEWAL, TestIssuance.BACK, "i1", 100)).isEqualTo(IssuanceRates.INSTANCE_AT_ONCE);
        assertThat(spent(Method.RENEWAL, TestIssuance.BACK, "i2", 1)).isEqualTo(1);
        assertThat(spent(Method.RENEWAL, TestIssuance.FRONT, "i1", 1)).isEqualTo(1);
        pass(DAY.dividedBy(10).plusSeconds(1));
        assertThat(spent(Method.RENEWAL, TestIssuance.BACK, "i1", 5)).isEqualTo(1);
    }

    @Test
    void inventedInstancesDoNotHelpAnIdentity() throws Exception {
        int spent = 0;
        for (int second = 0; second < 10; second++) { // Slowly, so that what all share is not the reason.
            spent += spent(Method.JOIN_TOKEN, TestIssuance.BACK, "s" + second + "-", 400);
            pass(Duration.ofSeconds(1));
        }
        assertThat(spent).isBetween(IssuanceRates.IDENTITY_AT_ONCE, IssuanceRates.IDENTITY_AT_ONCE + 600);
        rates.spend(Method.JOIN_TOKEN, TestIssuance.FRONT, "i", DAY);
    }

    @Test
    void firstCertificatesGoBeforeRenewals() {
        SpiffeId[] many = new SpiffeId[5];
        for (int i = 0; i < many.length; i++) {
            many[i] = new SpiffeId(TestIssuance.TRUST_DOMAIN, "/sa/s" + i);
        }
        int renewed = 0;
        for (SpiffeId identity : many) {
            renewed += spent(Method.RENEWAL, identity, "r-", 400);
        }
        assertThat(renewed).isEqualTo(IssuanceRates.SIGNED_AT_ONCE - IssuanceRates.KEPT_FOR_ENROLMENTS);
        assertThat(spent(Method.KUBERNETES, many[0], "e-", 400)).isEqualTo(IssuanceRates.KEPT_FOR_ENROLMENTS);
        pass(Duration.ofMillis(200));
        assertThat(spent(Method.RENEWAL, many[1], "r-", 1))
                .as("the reserve fills first")
                .isZero();
        assertThat(spent(Method.JOIN_TOKEN, many[1], "e-", 1)).isEqualTo(1);
        pass(Duration.ofSeconds(1));
        assertThat(spent(Method.RENEWAL, many[1], "q-", 1)).isEqualTo(1);
    }

    @Test
    void whatIsRefusedByOneBoundCostsNothingOfTheOthers() {
        for (int i = 0; i < 5; i++) {
            spent(Method.JOIN_TOKEN, new SpiffeId(TestIssuance.TRUST_DOMAIN, "/sa/s" + i), "e-", 300);
        }
        assertThat(spent(Method.RENEWAL, TestIssuance.BACK, "i1", 100)).isZero();
        pass(Duration.ofSeconds(2));
        assertThat(spent(Method.RENEWAL, TestIssuance.BACK, "i1", 100)).isEqualTo(IssuanceRates.INSTANCE_AT_ONCE);
    }

    @Test
    void lifeIsTheServicesOwnOrEverybodys() throws Exception {
        try (TestIssuance issuance = new TestIssuance(folder, Map.of("back", Duration.ofHours(1)))) {
            assertThat(left(issuance, issuance.enrolled("back", TestIssuance.BACK)))
                    .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
            TestIssuance.Held front = issuance.enrolled("front", TestIssuance.FRONT);
            assertThat(left(issuance, front)).isBetween(Duration.ofHours(23), Duration.ofHours(25));
        }
    }

    private static Duration left(TestIssuance issuance, TestIssuance.Held held) {
        return Duration.between(
                issuance.clock.instant(), held.leaf().getNotAfter().toInstant());
    }

    @Test
    void instanceThatAsksWithoutEndIsToldToWaitAndThatIsOnRecord() throws Exception {
        try (TestIssuance issuance = new TestIssuance(folder)) {
            TestIssuance.Held held = issuance.enrolled("back", TestIssuance.BACK);
            Peer peer = held.peer();
            for (int i = 1; i < IssuanceRates.INSTANCE_AT_ONCE; i++) { // the first was its enrolment
                issuance.parts.issuance().renew(peer, new Wire.Renewal(pem(), held.instance()));
                // Each by the newest: a second renewal of one certificate would be an alarm.
                peer = newest(issuance);
            }
            Peer last = peer;
            ThrottledException refused = catchThrowableOfType(
                    ThrottledException.class,
                    () -> issuance.parts.issuance().renew(last, new Wire.Renewal(pem(), held.instance())));
            assertThat(refused.retryAfter()).isGreaterThan(Duration.ofHours(1));
            assertThat(issuance.events().getLast().detail()).startsWith("throttled: instance " + held.instance());
            assertThatThrownBy(() -> issuance.parts.issuance().renew(last, new Wire.Renewal("no request", "other")))
                    .as("another instance is not its own")
                    .isInstanceOf(RefusedException.class);
        }
    }

    private static String pem() {
        return CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair());
    }

    private static Peer newest(TestIssuance issuance) {
        Certificates.Entry entry = issuance.parts.certificates().valid(issuance.clock.instant(), 1_000).stream()
                .filter(one -> one.replacedAt().isEmpty())
                .findFirst()
                .orElseThrow();
        return new Peer(TestIssuance.BACK, entry.serial(), entry.notAfter());
    }
}
