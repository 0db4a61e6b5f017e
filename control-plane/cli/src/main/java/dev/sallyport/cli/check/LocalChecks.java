package dev.sallyport.cli.check;

import dev.sallyport.audit.AuditVerifier;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.LocalCertificate;
import dev.sallyport.cli.Times;
import dev.sallyport.cli.record.PolicyArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One sidecar's state folder, read without its key: works with the control plane down. */
final class LocalChecks {
    private final Path folder;
    private final String category;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    LocalChecks(Path folder, Instant now) {
        this.folder = folder;
        this.category = "state " + folder;
        this.now = now;
    }

    List<Check> all() {
        mode();
        certificate();
        snapshot();
        audit();
        return List.copyOf(checks);
    }

    private void mode() {
        try {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
            if (mode.endsWith("------")) {
                checks.add(Check.ok(CheckCode.STATE_MODE, category, "only its owner can read it"));
            } else {
                checks.add(Check.failed(
                        CheckCode.STATE_MODE,
                        category,
                        "mode " + mode + ": others can read the service's key",
                        "chmod 700 " + folder));
            }
        } catch (IOException e) {
            checks.add(Check.failed(
                    CheckCode.STATE_MODE, category, "cannot be read: " + e.getMessage(), "ls -ld " + folder));
        }
    }

    private void certificate() {
        try {
            LocalCertificate certificate = LocalCertificate.read(folder);
            String what = certificate.id() + ": certificate expires " + Times.relative(certificate.notAfter(), now);
            if (certificate.notAfter().isAfter(now)) {
                checks.add(Check.ok(CheckCode.STATE_CERTIFICATE, category, what));
            } else {
                checks.add(Check.failed(
                        CheckCode.STATE_CERTIFICATE,
                        category,
                        certificate.id() + ": certificate expired " + Times.relative(certificate.notAfter(), now),
                        "sallyport token create --service "
                                + certificate.id().toString().replaceFirst(".*/", "")));
            }
        } catch (CliException e) {
            checks.add(Check.failed(
                    CheckCode.STATE_CERTIFICATE,
                    category,
                    String.valueOf(e.getMessage()),
                    "sallyport token create --service SERVICE"));
        }
    }

    private void snapshot() {
        try {
            Optional<PolicyArchive.Kept> kept = new PolicyArchive(folder).inForce();
            if (kept.isEmpty()) {
                checks.add(Check.failed(
                        CheckCode.STATE_SNAPSHOT,
                        category,
                        "no snapshot: every request is denied",
                        "sallyport check   # is the control plane there?"));
                return;
            }
            Instant end = kept.get().snapshot().validUntil();
            String revision = "snapshot of revision " + kept.get().snapshot().revision();
            if (end.isAfter(now)) {
                checks.add(Check.ok(
                        CheckCode.STATE_SNAPSHOT,
                        category,
                        revision + " counts until " + end + ", " + Times.relative(end, now)));
            } else {
                checks.add(Check.failed(
                        CheckCode.STATE_SNAPSHOT,
                        category,
                        revision + " ended " + Times.relative(end, now)
                                + ": every request is denied as policy_unavailable",
                        "sallyport check   # is the control plane there?"));
            }
        } catch (CliException | IOException e) {
            checks.add(Check.failed(
                    CheckCode.STATE_SNAPSHOT,
                    category,
                    String.valueOf(e.getMessage()),
                    "sallyport check   # is the control plane there?"));
        }
    }

    private void audit() {
        Path audit = folder.resolve("audit");
        String fix = "sallyport audit verify " + audit;
        try {
            AuditVerifier.Report report = AuditVerifier.verify(audit);
            Optional<AuditVerifier.BadRecord> bad = report.bad();
            if (bad.isPresent()) {
                checks.add(Check.failed(
                        CheckCode.STATE_AUDIT,
                        category,
                        "audit chain: record " + bad.get().number() + " does not hold: "
                                + bad.get().problem(),
                        fix));
            } else {
                checks.add(Check.ok(
                        CheckCode.STATE_AUDIT,
                        category,
                        "audit chain holds: " + Counted.of(report.records(), "record")));
            }
        } catch (IOException e) {
            checks.add(Check.failed(CheckCode.STATE_AUDIT, category, "audit log: " + e.getMessage(), fix));
        }
    }
}
