package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Method, authority and path of which no two parsers can disagree (design 3.4): made once, judged, and forwarded byte for byte. Refuses what is listed there.
 * {@code authority} is the lower-case host without port and without a trailing dot; {@code port} as written; {@code query} without its {@code ?}.
 */
public record CanonicalRequest(String method, String authority, OptionalInt port, String path, Optional<String> query) {
    /** The longest request target, in bytes; what is longer is refused before anything else looks at it. */
    public static final int TARGET_BYTES_MAX = 8192;

    private static final byte[] HTTP = "http://".getBytes(StandardCharsets.US_ASCII);

    /** Without a port in its Host. */
    public CanonicalRequest(String method, String authority, String path, Optional<String> query) {
        this(method, authority, OptionalInt.empty(), path, query);
    }

    /** Each of the three in an array of its own, with nothing relaxed. */
    public static CanonicalRequest of(byte[] method, byte[] target, byte[] host) throws RequestRejectedException {
        String verb = Methods.of(method, 0, method.length);
        return of(verb, target, 0, target.length, Authority.parse(host, 0, host.length), Relaxations.NONE);
    }

    /**
     * A request that was written and not sent, read as the sidecar of {@code service} would read it: for tests and explanations. The port is the one that {@code host} names, or the
     * only one that carries requests; where there are several and none is named, nothing is relaxed.
     */
    public static CanonicalRequest written(
            String method, String target, String host, Collection<String> headerNames, Mesh.Service service)
            throws RequestRejectedException {
        Authority authority = Authority.parse(host);
        Relaxations relaxed = service.relaxed(authority);
        for (String name : headerNames) {
            if (relaxed.refuses(name)) {
                throw PathSyntax.rejected("header " + name + ": would override what was judged");
            }
        }
        byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
        byte[] verb = method.getBytes(StandardCharsets.UTF_8);
        return of(Methods.of(verb, 0, verb.length), bytes, 0, bytes.length, authority, relaxed);
    }

    /** Parts of one head as they stood in the request line and the only Host header, from each start to before each end; {@code relaxed} is of the port that is called. */
    public static CanonicalRequest of(
            byte[] head,
            int methodStart,
            int methodEnd,
            int targetStart,
            int targetEnd,
            int hostStart,
            int hostEnd,
            Relaxations relaxed)
            throws RequestRejectedException {
        Authority host = Authority.parse(head, hostStart, hostEnd);
        return of(head, methodStart, methodEnd, targetStart, targetEnd, host, relaxed);
    }

    /** With the only Host header parsed before. Makes no garbage but what it answers. */
    public static CanonicalRequest of(
            byte[] head,
            int methodStart,
            int methodEnd,
            int targetStart,
            int targetEnd,
            Authority host,
            Relaxations relaxed)
            throws RequestRejectedException {
        return of(Methods.of(head, methodStart, methodEnd), head, targetStart, targetEnd, host, relaxed);
    }

    private static CanonicalRequest of(
            String method, byte[] bytes, int start, int end, Authority host, Relaxations relaxed)
            throws RequestRejectedException {
        if (end - start > TARGET_BYTES_MAX) {
            throw PathSyntax.rejected(
                    "a target of " + (end - start) + " bytes (expected: at most " + TARGET_BYTES_MAX + ")");
        }
        int origin = originStart(bytes, start, end);
        if (origin > start
                && !Authority.parse(bytes, start + HTTP.length, origin).equals(host)) {
            throw PathSyntax.rejected("an absolute target of another authority than the Host");
        }
        int pathEnd = PathSyntax.end(bytes, origin, end, relaxed);
        for (int i = pathEnd; i < end; i++) {
            if (!PathSyntax.isVisible(bytes[i]) || bytes[i] == '#') {
                throw PathSyntax.rejected(PathSyntax.shown(bytes[i]) + " in the query");
            }
        }
        Optional<String> query = pathEnd == end ? Optional.empty() : Optional.of(text(bytes, pathEnd + 1, end));
        return new CanonicalRequest(method, host.host(), host.port(), text(bytes, origin, pathEnd), query);
    }

    /**
     * Where the path and query of a target that was accepted begin: these bytes, up to {@code targetEnd}, are what was judged and what is forwarded. Behind {@code http://host}, which is
     * accepted when it is the Host's (RFC 9112 section 3.2.2), else at {@code targetStart}. A URI parser never sees a target: to one {@code //a/b} is a host (CVE-2026-26205).
     */
    public static int originStart(byte[] head, int targetStart, int targetEnd) {
        int at = targetStart + HTTP.length;
        if (at > targetEnd || !Arrays.equals(head, targetStart, at, HTTP, 0, HTTP.length)) {
            return targetStart;
        }
        while (at < targetEnd && head[at] != '/') {
            at++;
        }
        return at;
    }

    /** All are ASCII: they were judged. */
    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Path and query as forwarded. */
    public String target() {
        return query.map(q -> path + "?" + q).orElse(path);
    }

    /** Whether a header would make an application act on another method, path or host ({@code X-HTTP-Method-Override}, {@code X-Original-URL} …). Any case, {@code _} as {@code -}. */
    public static boolean overrides(CharSequence headerName) {
        return OverridingHeaders.contains(headerName);
    }

    /** Those headers, in lower case with {@code -}: refused unless the port's {@link Relaxations} name them. */
    public static Set<String> overridingHeaders() {
        return OverridingHeaders.NAMES;
    }
}
