package dev.sallyport.proxy.telemetry;

/** Which requests get a {@link Span}: those whose caller decided so, and {@code ratio} of those that begin a trace here. Not {@code exported}: none, and what a caller decided goes on unchanged. */
public record Sampling(boolean exported, double ratio) {
    public static final Sampling OFF = new Sampling(false, 0);

    /** {@code ratio} 0 to 1. */
    public Sampling {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0 to 1)");
        }
    }

    /**
     * Whether a trace that begins here is sampled; {@code traceLow}: the second half of its id. By the id, as OpenTelemetry's TraceIdRatioBased, so that every sidecar with this ratio says the same. Not {@code
     * exported}: somebody behind us decides.
     */
    public boolean takes(long traceLow) {
        return !exported || ratio == 1 || traceLow >>> 1 < (long) (ratio * 0x1p63);
    }
}
