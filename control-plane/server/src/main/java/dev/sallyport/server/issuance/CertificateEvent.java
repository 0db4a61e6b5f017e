package dev.sallyport.server.issuance;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Something that happened to a certificate; {@code ""} stands for none. {@code actor}: the person who asked for it; {@code count}: of refusals, how many of the same; {@code hash}:
 * SHA-256 (hex) over {@code previous}, the hash of the event before, and all else.
 */
public record CertificateEvent(
        long id,
        Instant at,
        String kind,
        String serial,
        String identity,
        String instance,
        String method,
        String actor,
        String detail,
        long count,
        String previous,
        String hash) {
    /** What can happen. */
    public enum Kind {
        ISSUED,
        RENEWED,
        REFUSED,
        REVOKED,
        REINSTATED,
        /** Two holders of what only one can have. */
        ALARM,
        /** The authority that signed knows of the revocation, or could not be told. */
        TOLD,
        NOT_TOLD,
        /** Something happened to an authority, or a person had it happen. */
        AUTHORITY,
        /** Older events were removed; {@code detail} is the hash of the last of them, {@code count} their number. */
        FORGOTTEN;

        /** The word in the record. */
        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is to be recorded. */
    record Draft(
            Instant at,
            Kind kind,
            String serial,
            String identity,
            String instance,
            String method,
            String actor,
            String detail,
            long count) {
        /** A stranger's text ends up in some of them. */
        private static final int DETAIL_MAX = 300;

        Draft {
            String clean = detail.replaceAll("\\p{Cntrl}", " ");
            detail = clean.length() <= DETAIL_MAX ? clean : clean.substring(0, DETAIL_MAX);
        }

        /** As the event behind the one of {@code previousId} and {@code previous}. */
        CertificateEvent behind(long previousId, String previous) {
            CertificateEvent unlinked = new CertificateEvent(
                    previousId + 1,
                    Instant.ofEpochMilli(at.toEpochMilli()),
                    kind.code(),
                    serial,
                    identity,
                    instance,
                    method,
                    actor,
                    detail,
                    count,
                    previous,
                    "");
            return new CertificateEvent(
                    unlinked.id,
                    unlinked.at,
                    unlinked.kind,
                    serial,
                    identity,
                    instance,
                    method,
                    actor,
                    detail,
                    count,
                    previous,
                    unlinked.link());
        }
    }

    /** What {@link #hash} must be. Each field with its length before it: no two events have one text. */
    String link() {
        StringBuilder text = new StringBuilder(previous);
        List<String> fields = List.of(
                Long.toString(id),
                Long.toString(at.toEpochMilli()),
                kind,
                serial,
                identity,
                instance,
                method,
                actor,
                detail,
                Long.toString(count));
        for (String field : fields) {
            text.append('\n').append(field.length()).append(' ').append(field);
        }
        return Hashes.sha256(text.toString());
    }
}
