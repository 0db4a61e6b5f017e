package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All wait for the store's one thread: what somebody asks of a large inventory is found by an index. */
class LookUpsTest {
    private static final String BACK = "spiffe://small.example/sa/back";
    private static final int MANY = 12_000;

    @TempDir
    private Path folder;

    private Store store;

    @BeforeEach
    void start() throws Exception {
        store = Store.open(folder);
        long now = Instant.now().toEpochMilli();
        // One identity: instances i0 … i2999 with a chain of four certificates each.
        store.change(handle -> handle.createUpdate("""
                        with recursive n (v) as (select 0 union all select v + 1 from n where v < :many - 1)
                        insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method, instance, key_hash, parent_serial)
                        select printf('%x', v), :identity, 0, :end, 0, :now + v, 'renewal', 'i' || (v / 4), 'k' || v,
                            case when v % 4 = 0 then null else printf('%x', v - 1) end from n""")
                .bind("many", MANY)
                .bind("identity", BACK)
                .bind("end", now + 3_600_000)
                .bind("now", now - 60_000)
                .execute());
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private String plan(String sql) {
        return store.read(handle -> handle
                .createQuery("explain query plan " + sql)
                .bind("key", "k")
                .bind("identity", BACK)
                .map((row, _) -> row.getString("detail"))
                .list()
                .stream()
                .collect(Collectors.joining("\n")));
    }

    @Test
    void lineageIsFollowedByIndexesOfItsSteps() {
        assertThat(plan(RevocationRows.LINEAGE))
                .contains("certificates_by_parent", "certificates_by_key", "sqlite_autoindex_certificates_1")
                .doesNotContain("SCAN certificates", "SCAN c", "certificates_by_identity");
    }

    @Test
    void lineageIsFollowedBothWaysAndNotFurther() throws Exception {
        Set<String> taken = store.change(handle ->
                RevocationRows.takeLineage(handle, back(), "k6", new RevocationStore.Act("a", "r"), Instant.now()));
        assertThat(taken).containsExactlyInAnyOrder("4", "5", "6", "7");
    }

    @Test
    void largeIdentityIsRevokedAndFoundQuickly() throws Exception {
        RevocationStore revocations = new RevocationStore(store, Clock.systemUTC());
        long started = System.nanoTime();
        assertThat(revocations
                        .revokeIdentity(back(), new RevocationStore.Act("a", "r"))
                        .serials())
                .hasSize(MANY);
        List<Certificates.Entry> all =
                new Certificates(store).list(new Certificates.Filter("", Instant.EPOCH, true), 10_000);
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        assertThat(all).hasSize(10_000).allMatch(entry -> entry.revokedAt().isPresent());
        assertThat(all.getFirst().serial()).as("newest first").isEqualTo(Integer.toHexString(MANY - 1));
        assertThat(took).as("quadratic, it would be a minute").isLessThan(Duration.ofSeconds(20));
        assertThat(new CertificateEvents(store).check().broken()).isEmpty();
    }

    @Test
    void listIsOfOneIdentityAndOfWhatCountsWhenThatIsAsked() throws Exception {
        Certificates certificates = new Certificates(store);
        assertThat(certificates.any(BACK)).isTrue();
        assertThat(certificates.any(BACK + "x")).isFalse();
        assertThat(certificates.list(new Certificates.Filter(BACK, Instant.now(), false), 5))
                .extracting(Certificates.Entry::serial)
                .containsExactly("2edf", "2ede", "2edd", "2edc", "2edb");
        new RevocationStore(store, Clock.systemUTC()).revokeSerial("2ede", new RevocationStore.Act("a", "r"));
        assertThat(certificates.list(new Certificates.Filter(BACK, Instant.now(), false), 2))
                .extracting(Certificates.Entry::serial)
                .containsExactly("2edd", "2edc");
        assertThat(certificates.list(new Certificates.Filter(BACK + "x", Instant.EPOCH, true), 5))
                .isEmpty();
    }

    @Test
    void reinstatementThatWouldFillTheSnapshotsWaitsForTheEnd() throws Exception {
        RevocationStore revocations = new RevocationStore(store, Clock.systemUTC());
        revocations.revokeIdentity(back(), new RevocationStore.Act("a", "r"));
        assertThat(revocations.serialsInForce()).as("the identity says it all").isZero();
        long end = Instant.now().plusSeconds(60).toEpochMilli();
        store.change(handle -> handle.createUpdate("""
                        with recursive n (v) as (select 0 union all select v + 1 from n where v < 10000)
                        insert into revocations (serial, identity, reason, revoked_by, at, until, tell)
                        select 'f' || printf('%x', v + 100000), 'spiffe://small.example/sa/front', '', '', 0, :end, 'none' from n""").bind("end", end).execute());
        revocations.publish();
        assertThat(revocations.serialsInForce()).isEqualTo(10_001);
        assertThatThrownBy(() -> revocations.reinstate(back(), "a"))
                .isInstanceOf(RevocationRefusedException.class)
                .hasMessageContaining("22001 revoked certificates");
        assertThat(revocations.inForce().identities()).as("nothing changed").hasSize(1);
        store.change(handle -> handle.execute("delete from revocations where identity like '%front'"));
        revocations.reinstate(back(), "a");
        assertThat(revocations.serialsInForce()).isBetween(MANY, RevocationStore.SERIALS_MAX);
    }

    private static SpiffeId back() throws InvalidSpiffeIdException {
        return SpiffeId.parse(BACK);
    }
}
