package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.store.Store;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/** A leaf for each certificate of an authority when it first counts: whoever verifies a seal years later finds in the log itself what its chain ended at. One thread; blocks. */
final class AuthorityLeaves {
    /** {@code role}: {@code root} or {@code intermediate}. */
    record Counting(X509Certificate certificate, String role) {}

    private final Supplier<List<Counting>> counting;
    private final Store store;
    private final Findings.Leaves leaves;
    private final Clock clock;

    AuthorityLeaves(Supplier<List<Counting>> counting, Store store, Findings.Leaves leaves, Clock clock) {
        this.counting = counting;
        this.store = store;
        this.leaves = leaves;
        this.clock = clock;
    }

    void look() throws BatchRefusedException {
        for (Counting found : counting.get()) {
            String fingerprint = X509Svid.fingerprintOf(found.certificate());
            if (!known(fingerprint)) {
                leaves.record(leaf(found));
                store.change(handle -> handle.execute(
                        "insert or ignore into audit_certificates (fingerprint, at) values (?, ?)",
                        fingerprint,
                        clock.millis()));
            }
        }
    }

    private boolean known(String fingerprint) {
        return store.read(handle -> handle.createQuery("select 1 from audit_certificates where fingerprint = ?")
                .bind(0, fingerprint)
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }

    private byte[] leaf(Counting found) {
        return new LeafText(AuditFields.EVENT_CA, clock.instant())
                .text(AuditFields.CERTIFICATE_ROLE, found.role())
                .text(AuditFields.CERTIFICATE, Pem.encode(List.of(found.certificate())))
                .toBytes();
    }
}
