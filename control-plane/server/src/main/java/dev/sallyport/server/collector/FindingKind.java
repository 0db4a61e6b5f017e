package dev.sallyport.server.collector;

import java.util.Arrays;
import java.util.Optional;

/** What can be wrong with the record of a mesh. {@code resolve}: what ends it. */
public enum FindingKind {
    GAP(
            "gap",
            true,
            "Records of this stream are lost: its sidecar no longer has them. Find out why (disk, deleted files), then resolve it with the reason"),
    FORK(
            "fork",
            true,
            "Two histories under one stream: a copied disk, a restored snapshot, or somebody who rewrote the sidecar's log. Move that log's folder aside, so that it begins a stream of its own, keep"
                    + " it, and resolve this with the reason"),
    SILENT(
            "silent",
            false,
            "A sidecar that lives must send a heartbeat every 30 s. Its log says why it cannot ship; this ends with its next batch"),
    NO_END(
            "no-end",
            true,
            "The sidecar is gone and its log did not end well: a crash, or records that nobody will ship. Start it again on its folder, or resolve this with the reason"),
    NO_STREAM(
            "no-stream",
            false,
            "A workload has a certificate and a lease, and no records: is it a sidecar that records nothing, or none? This ends with its first batch"),
    BEGAN_ANEW(
            "began-anew",
            true,
            "The instance began a new log although its earlier one had not ended: its folder was lost, renamed or deleted. Bring the folder back, or resolve this with the reason"),
    QUORUM(
            "quorum",
            false,
            "Fewer witnesses than the quorum cosign: the published checkpoint stays behind. This ends when enough of them answer again"),
    WITNESS_DISAGREES(
            "witness-disagrees",
            false,
            "A witness has seen another log than this one, or a longer one: it went back to an older copy, lost its end, or was rewritten. Restore the newer copy of the state folder");

    private final String code;
    private final boolean byHand;
    private final String resolve;

    FindingKind(String code, boolean byHand, String resolve) {
        this.code = code;
        this.byHand = byHand;
        this.resolve = resolve;
    }

    public String code() {
        return code;
    }

    /** Whether a person may end it: what has happened stays so, while what is so ends by itself. */
    public boolean byHand() {
        return byHand;
    }

    public String resolve() {
        return resolve;
    }

    static Optional<FindingKind> of(String code) {
        return Arrays.stream(values()).filter(kind -> kind.code.equals(code)).findFirst();
    }
}
