package dev.sallyport.benchmarks.pair;

import java.util.Locale;

/** The two proxies of a pair: the caller's and the callee's. */
enum Side {
    OUTBOUND,
    INBOUND;

    /** As in names of parts, files and folders. */
    String lower() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whose certificate it has. */
    String service() {
        return this == OUTBOUND ? BenchMesh.CALLER : BenchMesh.CALLEE;
    }
}
