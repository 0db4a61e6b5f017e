package dev.sallyport.server.ca;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What people see of authorities and of the newest rotation. {@code holders}: everybody whose certificate counts, by name; {@code leftBehind}: of these, whom an emergency declared now
 * would not wait for. They fail the moment that the old root goes; first who was seen last, and so is most likely alive.
 */
public record CaView(
        int active,
        List<GenerationLine> generations,
        Optional<RotationLine> rotation,
        List<HolderLine> holders,
        List<HolderLine> leftBehind) {

    public record GenerationLine(
            int number,
            String kind,
            String state,
            List<CertificateLine> roots,
            Optional<CertificateLine> issuer,
            Optional<CertificateLine> next,
            Instant createdAt,
            Optional<Instant> activatedAt,
            Optional<Instant> retiredAt,
            Optional<String> problem) {}

    /** {@code fingerprint}: SHA-256 in hex. */
    public record CertificateLine(String subject, String fingerprint, Instant notBefore, Instant notAfter) {}

    /** {@code problem}: why it does not go on now; {@code because}: why it was aborted. */
    public record RotationLine(
            int id,
            String subject,
            int from,
            int to,
            String phase,
            Instant changedAt,
            String startedBy,
            Instant startedAt,
            boolean emergency,
            List<String> excluded,
            Optional<GateLine> gate,
            Optional<String> problem,
            Optional<String> because) {}

    public record GateLine(int total, int passed, List<MissingLine> missing) {}

    /** {@code endsAt}: when it no longer counts by itself. */
    public record MissingLine(String name, boolean connected, boolean excluded, String reason, Instant endsAt) {}

    /** {@code endsAt}: the end of its last certificate. */
    public record HolderLine(String name, boolean connected, Optional<Instant> lastSeen, Instant endsAt) {}
}
