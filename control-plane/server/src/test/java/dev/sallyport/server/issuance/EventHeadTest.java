package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a chain alone does not show: that its end is missing, that it is empty, that something never came into it. */
class EventHeadTest {
    private static final Instant AT = Instant.parse("2027-03-31T12:00:00Z");

    @TempDir
    private Path folder;

    private Store store;
    private CertificateEvents events;

    @BeforeEach
    void start() throws Exception {
        store = Store.open(folder);
        events = new CertificateEvents(store);
        for (int serial = 1; serial <= 5; serial++) {
            issued("0" + serial);
        }
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private void issued(String serial) {
        inventory(serial);
        events.add(new Draft(AT, Kind.ISSUED, serial, "spiffe://a.example/b", "i", "join-token", "", "", 1));
    }

    private void inventory(String serial) {
        change(
                "insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method, instance, key_hash)"
                        + " values ('" + serial + "', 'spiffe://a.example/b', 0, 0, 0, "
                        + AT.plusSeconds(1).toEpochMilli() + ", 'join-token', 'i', 'k')");
    }

    private void change(String sql) {
        store.change(handle -> handle.execute(sql));
    }

    @Test
    void wholeChainIsWhole() {
        assertThat(events.check().broken()).isEmpty();
        assertThat(events.check().events()).isEqualTo(5);
        assertThat(events.check().notChecked()).isZero();
        assertThat(events.check().head()).isEqualTo(events.head().hash());
    }

    @Test
    void cutTailShows() {
        change("delete from certificate_events where id >= 4");
        assertThat(events.check().broken().orElse("")).contains("event 3 is the last, but event 5");
    }

    @Test
    void emptiedRecordShowsAlsoAfterTheNextEvent() {
        change("delete from certificate_events");
        assertThat(events.check().broken().orElse("")).contains("event 0 is the last, but event 5");
        issued("06");
        assertThat(events.check().broken().orElse("")).contains("event 6 is the first");
    }

    @Test
    void certificateOfWhichNoEventTellsShows() {
        assertThat(events.check().broken()).isEmpty();
        inventory("0a");
        assertThat(events.check().broken().orElse("")).contains("no event tells of certificate 0a");
    }

    @Test
    void whatWasForgottenIsNoHole() {
        events.forgetOld(AT.plusSeconds(91 * 86_400L));
        assertThat(events.check().broken()).isEmpty();
        assertThat(events.check().first()).isEqualTo(6);
    }
}
