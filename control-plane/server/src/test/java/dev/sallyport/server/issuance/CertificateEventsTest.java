package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record of certificates: whole, chained, and not to be filled by strangers. */
class CertificateEventsTest {
    @TempDir
    private Path folder;

    private TestIssuance issuance;

    @BeforeEach
    void start() throws Exception {
        issuance = new TestIssuance(folder);
    }

    @AfterEach
    void stop() {
        issuance.close();
    }

    private void change(String sql) {
        issuance.store.change(handle -> handle.execute(sql));
    }

    private EventChain.Checked check() {
        return issuance.parts.events().check();
    }

    private List<String> kinds() {
        return issuance.events().stream().map(CertificateEvent::kind).toList();
    }

    private void threeEvents() throws Exception {
        TestIssuance.Held first = issuance.enrolled("back", TestIssuance.BACK);
        TestIssuance.Held second = issuance.renew(first, CertificateSigningRequest.newKeyPair());
        issuance.revocations.revokeSerial(second.serial(), TestIssuance.ACT);
    }

    @Test
    void issueRenewalAndRevocationAreEachAnEvent() throws Exception {
        threeEvents();
        List<CertificateEvent> events = issuance.events();
        assertThat(kinds()).containsExactly("issued", "renewed", "revoked");
        assertThat(events.get(1).detail())
                .startsWith("succeeds " + events.get(0).serial());
        assertThat(events.get(2).serial()).isEqualTo(events.get(1).serial());
        assertThat(check())
                .isEqualTo(new EventChain.Checked(3, 1, 0, events.getLast().hash(), java.util.Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "at = at + 1",
                "kind = 'renewed'",
                "serial = 'ff'",
                "identity = identity || 'x'",
                "instance = 'other'",
                "method = 'kubernetes'",
                "actor = 'nobody'",
                "detail = detail || ' '",
                "count = 2",
                "hash = previous"
            })
    void alteredEventBreaksTheChain(String alteration) throws Exception {
        threeEvents();
        change("update certificate_events set " + alteration + " where id = 1");
        assertThat(check().broken()).hasValueSatisfying(what -> assertThat(what).contains("event 1 ", "was altered"));
    }

    @Test
    void removedEventBreaksTheChain() throws Exception {
        threeEvents();
        change("delete from certificate_events where id = 2");
        assertThat(check().broken()).hasValueSatisfying(what -> assertThat(what).contains("does not follow event 1"));
    }

    @Test
    void removedBeginningIsNoticedWhenNothingSaysThatItWasForgotten() throws Exception {
        threeEvents();
        change("delete from certificate_events where id = 1");
        assertThat(check().broken()).hasValueSatisfying(what -> assertThat(what).contains("event 2 is the first"));
    }

    @Test
    void eventThatIsRewrittenWithItsOwnHashIsNoticedByTheNext() throws Exception {
        threeEvents();
        CertificateEvent second = issuance.events().get(1);
        CertificateEvent forged = new CertificateEvent.Draft(
                        second.at(),
                        CertificateEvent.Kind.RENEWED,
                        second.serial(),
                        TestIssuance.FRONT.toString(),
                        second.instance(),
                        second.method(),
                        "",
                        second.detail(),
                        1)
                .behind(1, second.previous());
        change("update certificate_events set identity = '" + forged.identity() + "', hash = '" + forged.hash()
                + "' where id = 2");
        assertThat(check().broken()).hasValueSatisfying(what -> assertThat(what).contains("event 3 ", "not chained"));
    }

    @Test
    void oldEventsAreForgottenAndTheChainSaysSo() throws Exception {
        threeEvents();
        issuance.clock.move(Duration.ofDays(91));
        issuance.enrolled("back", TestIssuance.BACK);
        issuance.parts.events().forgetOld(issuance.clock.instant());
        assertThat(kinds()).containsExactly("issued", "forgotten");
        assertThat(issuance.events().getLast().count()).isEqualTo(3);
        assertThat(check().broken()).isEmpty();
        issuance.parts.events().forgetOld(issuance.clock.instant());
        assertThat(kinds()).as("nothing more to forget").containsExactly("issued", "forgotten");
        change("delete from certificate_events where id = 4");
        assertThat(check().broken()).isPresent();
    }

    @Test
    void forgettingEverythingLeavesAChain() throws Exception {
        threeEvents();
        issuance.clock.move(Duration.ofDays(91));
        issuance.parts.events().forgetOld(issuance.clock.instant());
        assertThat(kinds()).containsExactly("forgotten");
        assertThat(check().broken()).isEmpty();
    }

    @Test
    void strangersWhoAskAThousandTimesMakeTwoEvents() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            Wire.Enrolment guess = new Wire.Enrolment(Wire.JOIN_TOKEN, "guess-" + i, "", "i" + i);
            assertThatThrownBy(() -> issuance.parts.issuance().enrol(guess)).isInstanceOf(RefusedException.class);
        }
        assertThat(kinds()).containsExactly("refused");
        issuance.clock.move(Duration.ofSeconds(61));
        issuance.parts.recordCounts();
        assertThat(kinds()).containsExactly("refused", "refused");
        CertificateEvent counted = issuance.events().getLast();
        assertThat(counted.count()).isEqualTo(999);
        assertThat(counted.detail()).startsWith("unproven: 999 more since");
        assertThat(counted.identity()).isEmpty();
        issuance.parts.recordCounts();
        assertThat(kinds()).as("counted once").hasSize(2);
    }

    @Test
    void refusalOfAMemberNamesIt() throws Exception {
        TestIssuance.Held back = issuance.enrolled("back", TestIssuance.BACK);
        issuance.revocations.revokeSerial(back.serial(), TestIssuance.ACT);
        assertThatThrownBy(() -> issuance.renew(back, CertificateSigningRequest.newKeyPair()))
                .isInstanceOf(RefusedException.class);
        CertificateEvent refused = issuance.events().getLast();
        assertThat(refused.kind()).isEqualTo("refused");
        assertThat(refused.identity()).isEqualTo(TestIssuance.BACK.toString());
        assertThat(refused.serial()).isEqualTo(back.serial());
        assertThat(refused.detail()).startsWith("revoked: ");
    }

    @Test
    void strangersTextIsShortAndOneLine() throws Exception {
        Wire.Enrolment odd = new Wire.Enrolment("x\ny", "t", "", "no\u0000instance");
        assertThatThrownBy(() -> issuance.parts.issuance().enrol(odd)).isInstanceOf(RefusedException.class);
        CertificateEvent refused = issuance.events().getLast();
        assertThat(refused.method()).isEqualTo("unknown");
        assertThat(refused.instance()).isEmpty();
        assertThat(refused.detail()).doesNotContain("\n", "x\ny").hasSizeLessThan(301);
    }

    @Test
    void alarmAndWhatItTakesBackAreOnRecordTogether() throws Exception {
        TestIssuance.Held back = issuance.enrolled("back", TestIssuance.BACK);
        issuance.renew(back, CertificateSigningRequest.newKeyPair());
        assertThatThrownBy(() -> issuance.renew(back, CertificateSigningRequest.newKeyPair()))
                .isInstanceOf(RefusedException.class);
        assertThat(kinds()).containsExactly("issued", "renewed", "alarm", "revoked", "revoked", "refused");
        assertThat(issuance.alarms()).isEqualTo(1);
        assertThat(issuance.revocations.inForce().serials()).hasSize(2);
    }

    @Test
    void eventIsGoneWithTheTransactionThatItWasPartOf() throws Exception {
        assertThatThrownBy(() -> issuance.store.change(handle -> {
                    CertificateEvents.add(
                            handle,
                            new CertificateEvent.Draft(
                                    issuance.clock.instant(), CertificateEvent.Kind.ISSUED, "", "", "", "", "", "", 1));
                    throw new IllegalStateException("the change failed");
                }))
                .hasMessageContaining("the change failed");
        assertThat(issuance.events()).isEmpty();
    }
}
