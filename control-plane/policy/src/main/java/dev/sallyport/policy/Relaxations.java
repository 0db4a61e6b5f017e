package dev.sallyport.policy;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one port of a service takes as data although two parsers could read it differently ({@code relax} in the Mesh, owned by security): single rules of the canonical request, by
 * name, never all of them. {@code encodedSlash}: {@code %2F} inside a segment; {@code emptySegments}: {@code //}; {@code matrixParameters}: {@code ;name=value} behind a segment;
 * {@code overrideHeaders}: which of {@link CanonicalRequest#overridingHeaders} pass.
 */
public record Relaxations(
        boolean encodedSlash, boolean emptySegments, boolean matrixParameters, Set<String> overrideHeaders) {
    public static final Relaxations NONE = new Relaxations(false, false, false, Set.of());

    public Relaxations {
        overrideHeaders = Frozen.set(overrideHeaders);
    }

    /** What both relax. */
    public Relaxations both(Relaxations other) {
        Set<String> headers = new TreeSet<>(overrideHeaders);
        headers.retainAll(other.overrideHeaders);
        return new Relaxations(
                encodedSlash && other.encodedSlash,
                emptySegments && other.emptySegments,
                matrixParameters && other.matrixParameters,
                headers);
    }

    /** Whether a request with this header is refused. One that is relaxed passes in its own spelling only, in any case: {@code x_forwarded_prefix} beside it would be a second value. */
    public boolean refuses(CharSequence headerName) {
        return OverridingHeaders.contains(headerName)
                && !overrideHeaders.contains(headerName.toString().toLowerCase(Locale.ROOT));
    }
}
