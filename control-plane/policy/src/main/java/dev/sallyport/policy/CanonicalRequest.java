package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
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

    private static final int METHOD_BYTES_MAX = 32;
    private static final String HTTP = "http://";

    /** In lower case with {@code -}; each makes some framework or server act on another method, path or host. */
    private static final Set<String> OVERRIDES = Set.of(
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "x-original-method",
            "x-forwarded-method",
            "x-original-url",
            "x-original-uri",
            "x-original-path",
            "x-rewrite-url",
            "x-rewrite-uri",
            "x-override-url",
            "x-forwarded-prefix",
            "x-forwarded-path",
            "x-forwarded-uri",
            "x-forwarded-url",
            "x-script-name",
            "x-forwarded-host",
            "x-original-host",
            "x-host",
            "x-http-host-override");

    /** Without a port in its Host. */
    public CanonicalRequest(String method, String authority, String path, Optional<String> query) {
        this(method, authority, OptionalInt.empty(), path, query);
    }

    /** Bytes as they stood in the request line and the only Host header. */
    public static CanonicalRequest of(byte[] method, byte[] target, byte[] host) throws RequestRejectedException {
        String verb = method(method);
        if (target.length > TARGET_BYTES_MAX) {
            throw PathSyntax.rejected(
                    "a target of " + target.length + " bytes (expected: at most " + TARGET_BYTES_MAX + ")");
        }
        Authority authority = Authority.parse(visible(host, "the host"));
        String origin = originForm(visible(target, "the target"), authority);
        int question = origin.indexOf('?');
        String path = question < 0 ? origin : origin.substring(0, question);
        Optional<String> query = question < 0 ? Optional.empty() : Optional.of(origin.substring(question + 1));
        if (origin.indexOf('#') >= 0) {
            throw PathSyntax.rejected("a fragment, #");
        }
        PathSyntax.check(path);
        return new CanonicalRequest(verb, authority.host(), authority.port(), path, query);
    }

    /** RFC 9110 section 9.1: a case-sensitive token; all registered ones are upper case, so that {@code get} is a trick. */
    private static String method(byte[] bytes) throws RequestRejectedException {
        if (bytes.length == 0 || bytes.length > METHOD_BYTES_MAX) {
            throw PathSyntax.rejected("a method of " + bytes.length + " bytes (expected: 1.." + METHOD_BYTES_MAX + ")");
        }
        String method = visible(bytes, "the method");
        if (!Methods.isMethod(method)) {
            throw PathSyntax.rejected("a method that is no upper-case token");
        }
        return method;
    }

    /** {@code http://host/path} is accepted when its authority is the Host's (RFC 9112 section 3.2.2). A URI parser never sees the target: to one {@code //a/b} is a host (CVE-2026-26205). */
    private static String originForm(String target, Authority host) throws RequestRejectedException {
        if (!target.startsWith(HTTP)) {
            return target;
        }
        int slash = target.indexOf('/', HTTP.length());
        if (slash < 0) {
            throw PathSyntax.rejected("an absolute target without a path");
        }
        if (!Authority.parse(target.substring(HTTP.length(), slash)).equals(host)) {
            throw PathSyntax.rejected("an absolute target of another authority than the Host");
        }
        return target.substring(slash);
    }

    /** Visible ASCII only: a blank, a control character or a byte over 0x7E is a trick in each of the three. */
    private static String visible(byte[] bytes, String what) throws RequestRejectedException {
        for (byte b : bytes) {
            if (b <= 0x20 || b == 0x7F) {
                throw PathSyntax.rejected("the byte " + PathSyntax.shown(b & 0xFF) + " in " + what);
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Path and query as forwarded. */
    public String target() {
        return query.map(q -> path + "?" + q).orElse(path);
    }

    /** Whether a header would make an application act on another method, path or host ({@code X-HTTP-Method-Override}, {@code X-Original-URL} …): refused. Any case, {@code _} as {@code -}. */
    public static boolean overrides(CharSequence headerName) {
        boolean candidate = headerName.length() > 2
                && (headerName.charAt(0) | 0x20) == 'x'
                && (headerName.charAt(1) == '-' || headerName.charAt(1) == '_');
        return candidate
                && OVERRIDES.contains(
                        headerName.toString().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
