package dev.sallyport.benchmarks.audit;

import dev.sallyport.audit.AuditRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Records of inbound requests with a proven user, as an exchange fills them. One thread. */
public final class SampleRecords {
    private final SplittableRandom random = new SplittableRandom(1);
    private final Clock clock = Clock.systemUTC();
    private final TreeMap<String, String> claims = new TreeMap<>();
    private final List<String> roles = List.of("customer", "clerk");
    private final List<String> scopes = List.of("orders.read", "charges.write");
    private final Instant notAfter = Instant.ofEpochSecond(1_800_000_000);
    private int number;

    public SampleRecords() {
        claims.put("tenant", "t-4711");
    }

    public AuditRecord next() {
        Instant now = clock.instant();
        return next(AuditRecord.newId(now, random), now);
    }

    /** With an id of the caller's. */
    public AuditRecord next(String id) {
        return next(id, clock.instant());
    }

    private AuditRecord next(String id, Instant now) {
        AuditRecord record = new AuditRecord(id, now, AuditRecord.Direction.INBOUND);
        record.service = "orders";
        record.peerAddress = "10.0.0.7:47110";
        record.callerId = "spiffe://shop.example/ns/shop/sa/web";
        record.peerSerial = "5f0a7c1d9e3b482f";
        record.peerFingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        record.tlsVersion = "1.3";
        record.peerIssuer = "CN=shop.example intermediate 4";
        record.peerNotAfter = "2026-12-03T10:15:30Z";
        record.tlsCipher = "TLS_AES_128_GCM_SHA256";
        record.tlsCurve = "X25519MLKEM768";
        record.method = "GET";
        record.authority = "orders.shop.internal";
        record.authorityPort = 8080;
        record.route = "orders/read";
        record.template = "/orders/{id}";
        record.path = "/orders/k-3q9ZxYb1" + (char) ('a' + (number++ & 15));
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.reason = "allowed";
        record.rule = "orders/read/web";
        record.limit = "within";
        record.tokenResult = "verified";
        record.tokenKeyId = "2026-11";
        record.tokenIssuedAt = now;
        record.tokenExpiresAt = notAfter;
        record.tokenIdHash = "k1-81c4d9e07a3f5b26";
        record.userIssuer = "https://issuer.shop.example";
        record.userHash = "k-Zb81xQ04tT7mPw";
        record.userRoles = roles;
        record.userScopes = scopes;
        record.userClaims = claims;
        record.revision = 42;
        record.policyDigest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        record.status = 200;
        record.responseBytes = 1024;
        record.durationMicros = 412;
        record.processingMicros = 61;
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        record.upstreamAddress = "127.0.0.1:9000";
        return record;
    }
}
