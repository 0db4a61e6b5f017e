package dev.sallyport.cli.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.Revocations;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A sidecar's state folder as a sidecar would leave it: a real log, real snapshots. */
public final class SidecarState {
    public static final Instant NOW = Instant.parse("2026-03-02T10:14:07.113Z");
    private static final ECKey KEY = key();

    public final Path folder;
    private final String service;

    public SidecarState(Path folder, String service) throws IOException {
        this.folder = Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        this.service = service;
        Files.createDirectories(folder.resolve("audit"));
        Files.createDirectories(folder.resolve("identity"));
        Files.createDirectories(folder.resolve("snapshots"));
    }

    /** Keeps the snapshot of this revision, and makes it the one in force; returns its policy's digest. */
    public String live(long revision, DocumentSet documents, Instant validUntil) throws IOException {
        DocumentSet own = documents.concerning(service);
        MeshSnapshot snapshot = new MeshSnapshot(
                documents.mesh().name(),
                Objects.requireNonNull(documents.mesh().services().get(service)).identity(),
                service,
                1,
                revision,
                NOW,
                validUntil,
                new MeshSnapshot.Trust(List.of()),
                new MeshSnapshot.Keys(new TreeMap<>()),
                new Revocations(new TreeSet<>(), Set.of()),
                new MeshSnapshot.Policy(own.toJson(), own.digest()),
                new MeshSnapshot.Endpoints(new TreeMap<>()));
        byte[] bytes = SignedSnapshot.sign(snapshot, KEY).toBytes();
        Files.write(folder.resolve("snapshot.json"), bytes);
        Files.write(folder.resolve("snapshots").resolve(own.digest() + ".json"), bytes);
        return own.digest();
    }

    public String live(long revision, DocumentSet documents) throws IOException {
        return live(revision, documents, NOW.plusSeconds(86_400));
    }

    /** Appends them, one file. */
    public void record(AuditRecord... records) throws IOException {
        try (AuditLog log = AuditLog.open(
                folder.resolve("audit"),
                AuditLog.Settings.of("spiffe://shop.example/sa/" + service + " i1")
                        .withSegmentBytes(1 << 20),
                Clock.fixed(NOW, ZoneOffset.UTC))) {
            AuditLog.Appender appender = log.on(Runnable::run);
            for (AuditRecord record : records) {
                appender.append(record, AuditLog.Mode.BUFFERED, _ -> {});
            }
        }
    }

    /** A request at this sidecar that the policy of {@code digest} judged. */
    public AuditRecord request(String id, AuditRecord.Direction direction, long revision, String digest) {
        AuditRecord record = new AuditRecord(id, NOW, direction);
        record.service = service;
        record.revision = revision;
        record.policyDigest = digest;
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        return record;
    }

    private static ECKey key() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
