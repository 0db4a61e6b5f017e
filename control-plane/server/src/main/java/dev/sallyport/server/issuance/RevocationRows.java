package dev.sallyport.server.issuance;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.issuance.RevocationStore.Act;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Taking back, inside the transaction of whoever finds that it must be done. */
final class RevocationRows {
    private static final Logger log = LoggerFactory.getLogger(RevocationRows.class);
    /** A sidecar whose clock is slow still takes a certificate for good that has ended here. */
    private static final Duration BEYOND_END = Duration.ofMinutes(5);

    /** Each step by an index of its own; by the identity's alone, a large service would be read whole once for every certificate found. */
    static final String LINEAGE = """
            with recursive lineage (serial, parent_serial, key_hash) as (
                select serial, parent_serial, key_hash from certificates where key_hash = :key and +identity = :identity
                union
                select c.serial, c.parent_serial, c.key_hash from lineage l join certificates c
                on c.parent_serial = l.serial where +c.identity = :identity
                union
                select c.serial, c.parent_serial, c.key_hash from lineage l join certificates c
                on c.serial = l.parent_serial where +c.identity = :identity
                union
                select c.serial, c.parent_serial, c.key_hash from lineage l join certificates c
                on c.key_hash = l.key_hash where +c.identity = :identity)
            select serial from lineage""";

    private RevocationRows() {}

    /** What sidecars must refuse now. The certificates of a revoked identity are not named one by one. */
    static Revocations inForce(Handle handle, Instant now) {
        Set<SpiffeId> identities = new HashSet<>(
                handle.createQuery("select identity from revocations where serial = '' and reinstated_at is null")
                        .map((row, _) -> spiffeId(row.getString(1)))
                        .list());
        Set<String> serials = new HashSet<>(handle.createQuery(
                        "select r.serial from revocations r where r.serial <> '' and r.until > ? and not exists"
                                + " (select 1 from revocations i where i.identity = r.identity and i.serial = '' and i.reinstated_at is null)")
                .bind(0, now.toEpochMilli())
                .mapTo(String.class)
                .list());
        return new Revocations(serials, identities);
    }

    /** When the last certificate that was taken from {@code identity} no longer has to be named. */
    static Instant until(Handle handle, SpiffeId identity, Instant now) {
        return handle.createQuery("select max(until) from revocations where identity = ? and serial <> ''")
                .bind(0, identity.toString())
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli)
                .orElse(now);
    }

    /** Bars an identity, with all that it has. */
    static Set<String> bar(Handle handle, SpiffeId identity, Act act, Instant now) {
        handle.execute(
                "insert into revocations (serial, identity, reason, revoked_by, at, tell) values ('', ?, ?, ?, ?, 'none')",
                identity.toString(),
                act.reason(),
                act.by(),
                now.toEpochMilli());
        CertificateEvents.add(
                handle, new Draft(now, Kind.REVOKED, "", identity.toString(), "", "", act.by(), act.reason(), 1));
        handle.execute("update join_tokens set revoked = 1 where identity = ?", identity.toString());
        handle.execute("update attested_pods set revoked = 1 where identity = ?", identity.toString());
        log.warn("{} revoked by {}: {}", identity, act.by(), act.reason());
        return takeAll(handle, unended(handle, identity, now), act, now);
    }

    static void refuseBarred(Handle handle, SpiffeId identity) throws RefusedException {
        if (barred(handle, identity)) {
            throw new RefusedException(
                    Reason.REVOKED,
                    identity
                            + " is revoked (expected: one that is not; an administrator ends it with sallyport certs reinstate)");
        }
    }

    static boolean barred(Handle handle, SpiffeId identity) {
        return handle.createQuery(
                                "select count(*) from revocations where serial = '' and identity = ? and reinstated_at is null")
                        .bind(0, identity.toString())
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    /**
     * Takes back the whole lineage that a key belongs to: the key's certificates, those they succeed, all that succeed any of these, and the proofs bound to a key among them, which
     * would start the lineage anew. Which holder is the impostor is unknown, so no branch is spared.
     */
    static Set<String> takeLineage(Handle handle, SpiffeId identity, String keyHash, Act act, Instant now) {
        List<String> serials = handle.createQuery(LINEAGE)
                .bind("key", keyHash)
                .bind("identity", identity.toString())
                .mapTo(String.class)
                .list();
        for (String proofs : List.of("join_tokens", "attested_pods")) {
            handle.createUpdate(
                            "update " + proofs + " set revoked = 1 where key_hash in"
                                    + " (select key_hash from certificates where serial in (select value from json_each(:serials)))")
                    .bind("serials", json(serials))
                    .execute();
        }
        return takeAll(handle, serials, act, now);
    }

    /** Takes back one certificate with all that succeed it: whoever stole it may have renewed it since, and would keep what came of that. */
    static Set<String> takeWithSuccessors(Handle handle, String serial, Act act, Instant now) {
        List<String> serials = handle.createQuery("""
                        with recursive after (serial) as (
                            select :serial union select c.serial from after a join certificates c on c.parent_serial = a.serial)
                        select serial from after""")
                .bind("serial", serial)
                .mapTo(String.class)
                .list();
        return takeAll(handle, serials, act, now);
    }

    private static List<String> unended(Handle handle, SpiffeId identity, Instant now) {
        return handle.createQuery(
                        "select serial from certificates where identity = ? and not_after > ? and revoked = 0")
                .bind(0, identity.toString())
                .bind(1, now.toEpochMilli())
                .mapTo(String.class)
                .list();
    }

    /** Those of {@code serials} that count, and the canaries of their holders: each was handed out on the word of such a certificate. */
    private static Set<String> takeAll(Handle handle, List<String> serials, Act act, Instant now) {
        List<Taken> taken = handle.createQuery("""
                        with named (identity, instance) as (
                            select distinct identity, instance from certificates where serial in (select value from json_each(:serials)))
                        select serial, identity, instance, method from certificates
                        where serial in (select value from json_each(:serials)) and not_after > :now and revoked = 0
                        union
                        select c.serial, c.identity, c.instance, c.method from named n join certificates c
                        on c.identity = n.identity and c.instance = n.instance
                        where c.method = :canary and c.not_after > :now and c.revoked = 0""")
                .bind("serials", json(serials))
                .bind("now", now.toEpochMilli())
                .bind("canary", Method.CANARY.code())
                .map((row, _) -> new Taken(
                        row.getString("serial"),
                        row.getString("identity"),
                        row.getString("instance"),
                        row.getString("method")))
                .list();
        take(handle, taken, act, now);
        return taken.stream().map(Taken::serial).collect(Collectors.toUnmodifiableSet());
    }

    private record Taken(String serial, String identity, String instance, String method) {}

    /** In few statements: a large identity has ten thousand certificates, and all else waits for the store meanwhile. */
    private static void take(Handle handle, List<Taken> taken, Act act, Instant now) {
        String serials = json(taken.stream().map(Taken::serial).toList());
        handle.createUpdate(
                        "update certificates set revoked = 1 where serial in (select value from json_each(:serials))")
                .bind("serials", serials)
                .execute();
        handle.createUpdate("""
                        insert into revocations (serial, identity, reason, revoked_by, at, until, tell)
                        select serial, identity, :reason, :by, :at, not_after + :beyond, 'wanted' from certificates
                        where serial in (select value from json_each(:serials))""")
                .bind("serials", serials)
                .bind("reason", act.reason())
                .bind("by", act.by())
                .bind("at", now.toEpochMilli())
                .bind("beyond", BEYOND_END.toMillis())
                .execute();
        CertificateEvents.addAll(
                handle,
                taken.stream()
                        .map(one -> new Draft(
                                now,
                                Kind.REVOKED,
                                one.serial(),
                                one.identity(),
                                one.instance(),
                                one.method(),
                                act.by(),
                                act.reason(),
                                1))
                        .toList());
        taken.forEach(one -> log.warn(
                "certificate {} of {} revoked by {}: {}", one.serial(), one.identity(), act.by(), act.reason()));
    }

    /** An array of them, for {@code json_each}: serials are hexadecimal. */
    private static String json(List<String> serials) {
        return serials.stream().collect(Collectors.joining("\",\"", "[\"", "\"]"));
    }

    static SpiffeId spiffeId(String stored) {
        try {
            return SpiffeId.parse(stored);
        } catch (InvalidSpiffeIdException e) {
            throw new IllegalStateException("revocations: " + e.getMessage(), e);
        }
    }
}
