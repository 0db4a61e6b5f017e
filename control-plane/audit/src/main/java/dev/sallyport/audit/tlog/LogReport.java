package dev.sallyport.audit.tlog;

import java.util.List;
import java.util.Optional;

/**
 * What verifying a tiled log found. {@code signers}: its keys that signed, {@code cosigners}: witnesses, by name; without cosigners the log is as trustworthy as its operator. {@code entries}: leaves that were read;
 * {@code pruned}: leaves of which only hashes are left; {@code records}: lines of sidecars; {@code requests}: of them requests and refused connections, an intent not counted.
 * {@code bad}: the first that does not hold; nothing behind it was looked at.
 */
public record LogReport(
        Optional<Checkpoint> checkpoint,
        List<String> signers,
        List<String> cosigners,
        Optional<Checkpoint> since,
        long entries,
        long pruned,
        long records,
        long requests,
        List<Stream> streams,
        List<Gap> gaps,
        Optional<Bad> bad) {
    /** One sidecar's records: {@code first} and {@code last} number, the head of its chain in hexadecimal. */
    public record Stream(String name, long first, long last, long records, String head) {}

    /** Numbers that no record of the stream has. {@code skipped}: the chain goes on over them, so nothing was taken out; the sidecar left them out after a crash. */
    public record Gap(String stream, long from, long to, boolean skipped) {}

    /** Where, counted from 0 (-1: not at an entry), in which file, and why. */
    public record Bad(long index, String file, String problem) {
        /** One line. */
        public String shown() {
            return index < 0 ? file + ": " + problem : "entry " + index + " (" + file + "): " + problem;
        }
    }
}
