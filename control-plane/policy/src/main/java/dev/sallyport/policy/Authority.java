package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Host and port of a request in the one form that policy, routing and record compare: lower case, no trailing dot, an IPv6 address in brackets and in eight groups. RFC 9110 section
 * 7.2. The requests of a connection mostly name the same one: who reads them may keep it with its bytes.
 */
public record Authority(String host, OptionalInt port) {
    private static final int BYTES_MAX = 262; // a DNS name, its dot, a colon, five digits; and "[v6]" is shorter

    /**
     * {@code bytes[from, to)} as it arrived: a name, an IPv4 address or a bracketed IPv6 address, and perhaps a port; no userinfo, zone or percent-encoding. RequestRejectedException
     * for anything that is not visible ASCII or not of this form.
     */
    public static Authority parse(byte[] bytes, int from, int to) throws RequestRejectedException {
        if (from >= to || to - from > BYTES_MAX) {
            throw PathSyntax.rejected("a host of " + (to - from) + " bytes (expected: 1.." + BYTES_MAX + ")");
        }
        for (int i = from; i < to; i++) {
            if (!PathSyntax.isVisible(bytes[i])) {
                throw PathSyntax.rejected(PathSyntax.shown(bytes[i]) + " in the host");
            }
        }
        String text = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
        return text.charAt(0) == '[' ? parseIpv6(text) : parseName(text);
    }

    /** As a document writes it. */
    static Authority parse(String text) throws RequestRejectedException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return parse(bytes, 0, bytes.length);
    }

    private static Authority parseName(String text) throws RequestRejectedException {
        int colon = text.indexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (!HostPort.isName(name)) {
            throw PathSyntax.rejected("a host that is no DNS name or address");
        }
        return new Authority(name.toLowerCase(Locale.ROOT), port(colon < 0 ? "" : text.substring(colon)));
    }

    private static Authority parseIpv6(String text) throws RequestRejectedException {
        int end = text.indexOf(']');
        if (end < 0 || !HostPort.isIpv6(text.substring(1, end))) {
            throw PathSyntax.rejected("a host that is no IPv6 address");
        }
        // The JDK writes every address in one way: eight groups, lower case.
        String host = InetAddress.ofLiteral(text.substring(1, end)).getHostAddress();
        return new Authority("[" + host + "]", port(text.substring(end + 1)));
    }

    /** Of {@code ""} or {@code ":8080"}. */
    private static OptionalInt port(String text) throws RequestRejectedException {
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        int port = text.charAt(0) == ':' ? HostPort.port(text.substring(1)) : -1;
        if (port <= 0) {
            throw PathSyntax.rejected("a port that is no number of 1..65535");
        }
        return OptionalInt.of(port);
    }

    /** {@code host} or {@code host:port}, canonical. */
    @Override
    public String toString() {
        return port.isPresent() ? host + ":" + port.getAsInt() : host;
    }
}
