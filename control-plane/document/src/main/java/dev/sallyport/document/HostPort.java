package dev.sallyport.document;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code host:port} or {@code [v6]:port}; host as written, port 0..65535. Nothing is resolved. */
public record HostPort(String host, int port) {
    private static final int NAME_MAX = 253;
    private static final int LABEL_MAX = 63;

    /** Empty for anything but a name, IPv4 or bracketed IPv6 address, a colon, and a decimal port without leading zeros. */
    public static Optional<HostPort> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        int port = port(text.substring(colon + 1));
        if (port < 0) {
            return Optional.empty();
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            String address = host.substring(1, host.length() - 1);
            return isIpv6(address) ? Optional.of(new HostPort(address, port)) : Optional.empty();
        }
        return isName(host) ? Optional.of(new HostPort(host, port)) : Optional.empty();
    }

    // Written out, as what the compiler gives a record spins classes at its first call, in every start of a sidecar.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HostPort(String name, int number) && port == number && host.equals(name);
    }

    @Override
    public int hashCode() {
        return 31 * host.hashCode() + port;
    }

    /** 0..65535 in decimal digits without a leading zero, or -1. */
    public static int port(String text) {
        boolean form = !text.isEmpty()
                && text.length() <= 5
                && text.chars().allMatch(HostPort::isDigit)
                && (text.length() == 1 || text.charAt(0) != '0');
        int port = form ? Integer.parseInt(text) : -1;
        return port <= 65535 ? port : -1;
    }

    /**
     * A DNS name ({@code _} allowed, no trailing dot), or an IPv4 address in its one dotted decimal form: what ends in a
     * number and is anything else ({@code 127.1}, {@code 0x7f.1}) is read as an address by some resolvers only.
     */
    public static boolean isName(String host) {
        if (host.isEmpty() || host.length() > NAME_MAX) {
            return false;
        }
        String[] labels = host.split("\\.", -1);
        for (String label : labels) {
            if (label.isEmpty()
                    || label.length() > LABEL_MAX
                    || label.startsWith("-")
                    || label.endsWith("-")
                    || !label.chars().allMatch(HostPort::isNameCharacter)) {
                return false;
            }
        }
        return !isNumber(labels[labels.length - 1]) || isIpv4(labels);
    }

    /** An IPv6 address without brackets, zone or an IPv4 address mapped into it. */
    public static boolean isIpv6(String address) {
        if (address.indexOf(':') < 0 || !address.chars().allMatch(HostPort::isIpv6Character)) {
            return false;
        }
        try {
            return InetAddress.ofLiteral(address) instanceof Inet6Address;
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    private static boolean isIpv4(String[] labels) {
        if (labels.length != 4) {
            return false;
        }
        for (String label : labels) {
            int octet = label.length() <= 3 ? port(label) : -1;
            if (octet < 0 || octet > 255) {
                return false;
            }
        }
        return true;
    }

    /** Decimal, octal or hexadecimal: what makes a resolver read a name as an IPv4 address (WHATWG URL, "ends in a number"). */
    private static boolean isNumber(String label) {
        boolean hex = label.startsWith("0x") || label.startsWith("0X");
        return hex
                ? label.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0)
                : label.chars().allMatch(HostPort::isDigit);
    }

    private static boolean isNameCharacter(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    }

    private static boolean isIpv6Character(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
