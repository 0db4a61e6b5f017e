package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import java.net.InetAddress;
import java.util.Locale;
import java.util.OptionalInt;

/** Host and port of a request in the one form that policy, routing and record compare: lower case, no trailing dot. RFC 9110 section 7.2. */
record Authority(String host, OptionalInt port) {
    private static final int CHARACTERS_MAX = 262; // a DNS name, its dot, a colon, five digits; and "[v6]" is shorter

    /** A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port; no userinfo, zone or percent-encoding. */
    static Authority parse(String text) throws RequestRejectedException {
        if (text.isEmpty() || text.length() > CHARACTERS_MAX) {
            throw PathSyntax.rejected("a host of " + text.length() + " characters");
        }
        return text.charAt(0) == '[' ? parseIpv6(text) : parseName(text);
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
}
