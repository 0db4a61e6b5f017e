package dev.sallyport.policy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/** A range of IP addresses, {@code 10.20.0.0/16} or {@code fd00::/8}; a single address is one of its full length. {@link #toString} is the canonical form. */
public record AddressRange(InetAddress first, int bits) {
    private static final int CHARACTERS_MAX = 49; // an IPv6 address with a prefix

    /** Literals only, so that nothing is ever looked up; empty for another form, or one with bits beyond its prefix. */
    public static Optional<AddressRange> parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (text.length() > CHARACTERS_MAX || literal.isEmpty()) {
            return Optional.empty();
        }
        try {
            InetAddress first = InetAddress.ofLiteral(literal);
            int length = first.getAddress().length * 8;
            int bits = slash < 0 ? length : prefix(text.substring(slash + 1));
            boolean valid = bits >= 0 && bits <= length && hasOneMeaning(literal, first);
            return Optional.of(new AddressRange(first, bits)).filter(range -> valid && range.isCanonical());
        } catch (IllegalArgumentException noLiteral) {
            return Optional.empty();
        }
    }

    /** {@code 10.1}, {@code 012.0.0.1} and {@code ::ffff:10.0.0.1} are addresses of which readers make different ones; a scope is of one host. */
    private static boolean hasOneMeaning(String literal, InetAddress address) {
        return address instanceof Inet4Address
                ? literal.equals(address.getHostAddress())
                : !literal.contains("%") && !literal.startsWith("[");
    }

    private static int prefix(String digits) {
        boolean decimal = !digits.isEmpty()
                && digits.length() <= 3
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        return decimal ? Integer.parseInt(digits) : -1;
    }

    /** {@code 10.0.0.1/8} would say two things at once. */
    private boolean isCanonical() {
        byte[] address = first.getAddress();
        for (int bit = bits; bit < address.length * 8; bit++) {
            if ((address[bit / 8] >> (7 - bit % 8) & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Of the same family, and with the same first bits. */
    public boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] theirs = address.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int shift = 7 - bit % 8;
            if ((mine[bit / 8] >> shift & 1) != (theirs[bit / 8] >> shift & 1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return first.getHostAddress() + "/" + bits;
    }
}
