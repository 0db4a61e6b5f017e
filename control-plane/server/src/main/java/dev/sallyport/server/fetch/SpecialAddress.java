package dev.sallyport.server.fetch;

import dev.sallyport.policy.AddressRange;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An address that is not everybody's: this machine's, this network's, or nobody's (the registries of RFC 6890). Whoever may choose what the control plane fetches must not
 * reach a cloud's metadata, a neighbour's admin port or a router by it. {@code kind} in a word; {@code judged} is the IPv4 address inside an IPv6 one, if that is what counts;
 * {@code never}: no host has it, so that no setting opens it.
 */
record SpecialAddress(String kind, InetAddress judged, boolean never) {
    private record Range(AddressRange addresses, String kind, boolean never) {}

    private static final List<Range> RANGES = Stream.of(
                    range("127.0.0.0/8", "loopback"),
                    range("10.0.0.0/8", "private"),
                    range("172.16.0.0/12", "private"),
                    range("192.168.0.0/16", "private"),
                    range("169.254.0.0/16", "link-local"),
                    range("100.64.0.0/10", "carrier-grade NAT"),
                    range("192.0.0.0/24", "protocol assignment"),
                    range("192.0.2.0/24", "documentation"),
                    range("198.51.100.0/24", "documentation"),
                    range("203.0.113.0/24", "documentation"),
                    range("198.18.0.0/15", "benchmarking"),
                    never("0.0.0.0/8", "unspecified"), // Linux takes 0.0.0.0 for this machine.
                    never("224.0.0.0/4", "multicast"),
                    never("240.0.0.0/4", "reserved"),
                    range("::1", "loopback"),
                    never("::", "unspecified"),
                    never("ff00::/8", "multicast"),
                    range("fe80::/10", "link-local"),
                    range("fc00::/7", "unique local"),
                    range("fec0::/10", "site-local"),
                    range("2001::/23", "protocol assignment"), // with Teredo, which holds an IPv4 address of its own
                    range("2001:db8::/32", "documentation"),
                    range("3fff::/20", "documentation"))
            .toList();

    /** The only part of IPv6 that is handed out for everyone to reach; what is not in it is refused without a name. */
    private static final AddressRange GLOBAL_UNICAST = parsed("2000::/3");

    private static final AddressRange NAT64 = parsed("64:ff9b::/96");
    private static final AddressRange SIX_TO_FOUR = parsed("2002::/16");
    private static final List<AddressRange> LAST_FOUR_BYTES =
            List.of(NAT64, parsed("::/96"), parsed("::ffff:0:0:0/96")); // mapped ones are IPv4 to Java

    /** Empty: everyone may have a server there. */
    static Optional<SpecialAddress> of(InetAddress address) {
        Optional<SpecialAddress> plain = listed(address);
        if (plain.isPresent() || !(address instanceof Inet6Address)) {
            return plain;
        }
        Optional<InetAddress> inside = embedded(address);
        Optional<SpecialAddress> within = inside.flatMap(SpecialAddress::listed);
        boolean reachable = GLOBAL_UNICAST.contains(address) || NAT64.contains(address);
        return within.isPresent() || reachable
                ? within
                : Optional.of(new SpecialAddress("no global unicast", address, false));
    }

    private static Optional<SpecialAddress> listed(InetAddress address) {
        return RANGES.stream()
                .filter(range -> range.addresses().contains(address))
                .findFirst()
                .map(range -> new SpecialAddress(range.kind(), address, range.never()));
    }

    /** A translator or a tunnel makes it an IPv4 packet to that address. */
    private static Optional<InetAddress> embedded(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (SIX_TO_FOUR.contains(address)) {
            return Optional.of(ipv4(bytes, 2));
        }
        return LAST_FOUR_BYTES.stream().anyMatch(range -> range.contains(address))
                ? Optional.of(ipv4(bytes, 12))
                : Optional.empty();
    }

    private static InetAddress ipv4(byte[] bytes, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static Range range(String addresses, String kind) {
        return new Range(parsed(addresses), kind, false);
    }

    private static Range never(String addresses, String kind) {
        return new Range(parsed(addresses), kind, true);
    }

    private static AddressRange parsed(String text) {
        return AddressRange.parse(text).orElseThrow();
    }
}
