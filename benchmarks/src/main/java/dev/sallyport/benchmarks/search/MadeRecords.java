package dev.sallyport.benchmarks.search;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.server.records.LogEntries;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * A collected log that is made up as it is read, the same for the same seed: 40 services of 3 sidecars each, 400 routes, a million users of whom few do much and most do little, one
 * request in thirty denied. 200 records and then their seal, as batches arrive; 2,000 records a second.
 */
public final class MadeRecords implements LogEntries {
    public static final int SERVICES = 40;
    public static final int ROUTES = 10;
    public static final Instant BEGIN = Instant.parse("2026-03-02T00:00:00Z");
    static final int USERS = 1_000_000;
    private static final int SIDECARS = 3;
    private static final int BATCH = 200;
    private static final int PER_SECOND = 2_000;

    static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE");
    static final List<String> REASONS =
            List.of("caller_not_allowed", "role_missing", "no_route", "token_expired", "claim_mismatch", "guardrail");

    private static final HexFormat HEX = HexFormat.of();

    private final long seed;
    private final long size;

    public MadeRecords(long seed, long size) {
        this.seed = seed;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long first() {
        return 0;
    }

    @Override
    public List<byte[]> entries(long from, int max) {
        List<byte[]> entries = new ArrayList<>(max);
        for (long index = from; index < Math.min(size, from + max); index++) {
            entries.add(entry(index).getBytes(StandardCharsets.ISO_8859_1));
        }
        return entries;
    }

    /** When the record of that index was written. */
    public static Instant time(long index) {
        return BEGIN.plusMillis(index * 1000 / PER_SECOND);
    }

    public static String service(int number) {
        return "service-" + number;
    }

    static String spiffeId(int number) {
        return "spiffe://bench.example/ns/shop/sa/" + service(number);
    }

    static String user(int number) {
        return "k-" + HEX.toHexDigits(number * 0x9e3779b97f4a7c15L);
    }

    /** A service calls the four behind it, and nobody else. */
    static int called(int caller, Random random) {
        return (caller + 1 + random.nextInt(4)) % SERVICES;
    }

    private Random random(long index) {
        return new Random(seed * 31 + index * 0x5deece66dL);
    }

    /** The id of the record of that index. */
    String id(long index) {
        return AuditRecord.newId(time(index), random(index));
    }

    String trace(long index) {
        return HEX.toHexDigits(random(index).nextLong()) + HEX.toHexDigits(index * 0x9e3779b97f4a7c15L);
    }

    private String entry(long index) {
        long batch = index / (BATCH + 1);
        int callee = (int) (batch % SERVICES);
        if (index % (BATCH + 1) == BATCH) {
            return seal(index, callee, batch);
        }
        Random random = random(index);
        String id = AuditRecord.newId(time(index), random);
        int caller = (callee + SERVICES - 1 - random.nextInt(4)) % SERVICES;
        boolean denied = random.nextInt(30) == 0;
        String method = METHODS.get((int) Math.floor(Math.pow(random.nextDouble(), 3) * METHODS.size()));
        int route = (int) Math.floor(Math.pow(random.nextDouble(), 2) * ROUTES);
        int user = (int) Math.floor(Math.pow(random.nextDouble(), 4) * USERS);
        String decision = denied
                ? "\"sallyport.authz.decision\":\"deny\",\"sallyport.authz.reason\":\""
                        + REASONS.get(random.nextInt(REASONS.size())) + "\",\"sallyport.authz.nearest\":\"route-"
                        + route + "/rule\""
                : "\"sallyport.authz.decision\":\"allow\",\"sallyport.authz.reason\":\"allowed\",\"security_rule.name\":\"route-"
                        + route + "/rule-" + caller % 3 + "\"";
        return "{\"Timestamp\":\"" + time(index).toEpochMilli() + "000000\",\"EventName\":\"sallyport.request\""
                + ",\"audit.schema.version\":\"1\",\"audit.record.id\":\"" + id
                + "\",\"sallyport.direction\":\"inbound\""
                + ",\"service.name\":\"" + service(callee) + "\",\"network.peer.address\":\"10.4." + caller
                + ".7:51312\""
                + ",\"audit.actor.id\":\"" + spiffeId(caller)
                + "\",\"sallyport.tls.client.serial\":\"1f8c0b7a9de24c55\""
                + ",\"tls.protocol.version\":\"TLSv1.3\",\"tls.cipher\":\"TLS_AES_128_GCM_SHA256\""
                + ",\"http.request.method\":\"" + method + "\",\"server.address\":\"" + service(callee) + ":8080\""
                + ",\"sallyport.route\":\"route-" + route + "\",\"http.route\":\"/things-" + route + "/{id}\""
                + ",\"url.path\":\"/things-" + route + "/k-5f1c9e0a77d2b410\"," + decision
                + ",\"sallyport.jwt.result\":\"verified\",\"sallyport.jwt.kid\":\"k1\",\"sallyport.jwt.iat\":1772400000"
                + ",\"sallyport.jwt.issuer\":\"https://login.bench.example\",\"user.hash\":\"" + user(user) + "\""
                + ",\"user.roles\":[\"buyer\"],\"sallyport.config.revision\":7"
                + ",\"sallyport.config.digest\":\"9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de\""
                + ",\"http.response.status_code\":" + (denied ? 403 : status(random))
                + ",\"http.request.body.size\":0,\"http.response.body.size\":512,\"sallyport.duration_us\":1840"
                + ",\"sallyport.processing_us\":212,\"TraceId\":\"" + trace(index) + "\""
                + ",\"audit.sequence.number\":" + (index + 1)
                + ",\"audit.sequence.previous_hash\":\"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\""
                + ",\"audit.sequence.hash\":\"fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9\"}";
    }

    private static int status(Random random) {
        return random.nextInt(200) == 0 ? 503 : random.nextInt(20) == 0 ? 404 : 200;
    }

    private static String seal(long index, int callee, long batch) {
        return "{\"Timestamp\":\"" + time(index).toEpochMilli() + "000000\",\"EventName\":\"sallyport.audit.seal\""
                + ",\"audit.schema.version\":\"1\",\"audit.record.id\":\"0198f3c2-" + index + "\",\"audit.actor.id\":\""
                + spiffeId(callee) + "\",\"audit.sequence.stream_id\":\"" + stream(callee, batch)
                + "\",\"sallyport.audit.records\":" + BATCH + ",\"sallyport.audit.seal\":{}}";
    }

    static String stream(int service, long batch) {
        return service(service) + "/i" + batch / SERVICES % SIDECARS + "/0a1b2c3d";
    }
}
