package dev.sallyport.server.ca;

import java.util.Arrays;
import java.util.List;

/**
 * Where a rotation is, and so which of its two authorities does what. Forward: {@code STAGE → DISTRIBUTE → ACTIVATE → REISSUE → RETIRE → DONE}. An abort leaves it by
 * {@code WITHDRAW}, after the activation by {@code RETURN} first, from where {@code REISSUE} can be entered again; {@code RETIRE} can no longer be aborted, for the old root is being
 * forgotten.
 *
 * <p>{@code signs}: whose leaves workloads get. {@code shows}: whose leaf the control plane itself presents; the old one until nobody needs it, so that old join files and copies of
 * the administrator's context stay usable while their root is trusted. {@code both}: whether the roots of both are trusted, or of the one alone that signs.
 */
public enum Phase {
    /** The next authority is opened, and proven to be another one. */
    STAGE("stage", Side.FROM, Side.FROM, false),
    /** Both roots are trusted; gate: every instance passed the canary. */
    DISTRIBUTE("distribute", Side.FROM, Side.FROM, true),
    /** The next authority shows that it can sign now, a day perhaps after it was staged. */
    ACTIVATE("activate", Side.FROM, Side.FROM, true),
    /** It signs; gate: nobody holds a certificate of the old one alone. */
    REISSUE("re-issue", Side.TO, Side.FROM, true),
    /** The old root is no longer trusted, the old keys are deleted. */
    RETIRE("retire", Side.TO, Side.TO, false),
    DONE("done", Side.TO, Side.TO, false),
    /** Aborted after the activation: the old authority signs again; gate: nobody holds a certificate of the new one alone. */
    RETURN("return", Side.FROM, Side.FROM, true),
    /** Only the old root is trusted, the new keys are deleted. */
    WITHDRAW("withdraw", Side.FROM, Side.FROM, false),
    ABORTED("aborted", Side.FROM, Side.FROM, false);

    /** The authority that a rotation leaves, and the one that follows it. */
    enum Side {
        FROM,
        TO
    }

    private final String code;
    private final Side signs;
    private final Side shows;
    private final boolean both;

    Phase(String code, Side signs, Side shows, boolean both) {
        this.code = code;
        this.signs = signs;
        this.shows = shows;
        this.both = both;
    }

    /** The word in pages, logs and the store. */
    public String code() {
        return code;
    }

    /** Nothing follows. */
    public boolean over() {
        return this == DONE || this == ABORTED;
    }

    Side signs() {
        return signs;
    }

    Side shows() {
        return shows;
    }

    List<Side> trusted() {
        return both ? List.of(Side.FROM, Side.TO) : List.of(signs);
    }

    static Phase of(String code) {
        return Arrays.stream(values())
                .filter(phase -> phase.code.equals(code))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("store: phase " + code));
    }
}
