package dev.sallyport.server.fetch;

import dev.sallyport.policy.AddressRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a fetch may go: by https to every address that is everybody's, and to those of {@code privateAddresses}. {@code written} is the address that the Mesh itself names; only
 * there, on a loopback literal, plain http is spoken and this machine asked: what an answer or a redirect names is a stranger's choice.
 */
public record Targets(URI written, List<AddressRange> privateAddresses) {
    private static final int PORT_MAX = 65_535;

    public Targets {
        privateAddresses = List.copyOf(privateAddresses);
    }

    /** The addresses of {@code target}, each of them allowed. IOException says which is not, and why. One look-up: what is returned here is what must be dialled. */
    List<InetAddress> allowed(URI target, Resolver resolver) throws IOException {
        requireForm(target);
        boolean ownLoopback = sameOrigin(target, written) && loopbackLiteral(host(target));
        boolean https = "https".equals(target.getScheme());
        if (!https && !ownLoopback) {
            throw new IOException(
                    target + " (expected: https; http only to the loopback address that the Mesh itself names)");
        }
        List<InetAddress> addresses = resolve(target, resolver);
        for (InetAddress address : addresses) {
            boolean loopback = address.isLoopbackAddress();
            if (ownLoopback && loopback) {
                continue;
            }
            Optional<String> refusal = https ? refusal(address) : Optional.of("not this machine");
            if (refusal.isPresent()) {
                throw new IOException(target + ": " + address.getHostAddress() + ": " + refusal.get()
                        + " (expected: an address on the internet, or one of the issuer's privateAddresses)");
            }
        }
        return addresses;
    }

    private Optional<String> refusal(InetAddress address) {
        return SpecialAddress.of(address)
                .filter(special -> special.never() || !(listed(address) || listed(special.judged())))
                .map(SpecialAddress::kind);
    }

    private boolean listed(InetAddress address) {
        return privateAddresses.stream().anyMatch(range -> range.contains(address));
    }

    /** Whether it could ever be dialled: https, or http of this very machine, with a host and without a user. What its name leads to is judged when it is dialled. */
    public static boolean fit(URI target) {
        return formed(target) && ("https".equals(target.getScheme()) || loopbackLiteral(host(target)));
    }

    private static boolean formed(URI target) {
        boolean web = "https".equals(target.getScheme()) || "http".equals(target.getScheme());
        return web && target.getHost() != null && target.getRawUserInfo() == null && port(target) <= PORT_MAX;
    }

    private static void requireForm(URI target) throws IOException {
        if (!formed(target)) {
            throw new IOException(target.getHost() + " (expected: https://host/… without a user)");
        }
    }

    private static List<InetAddress> resolve(URI target, Resolver resolver) throws IOException {
        try {
            return resolver.resolve(host(target));
        } catch (UnknownHostException e) {
            throw new IOException(target + ": host name unknown", e);
        }
    }

    private static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme()) && host(one).equals(host(other)) && port(one) == port(other);
    }

    private static boolean loopbackLiteral(String host) {
        try {
            return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    /** Without the brackets of an IPv6 literal. */
    static String host(URI target) {
        String host = target.getHost().toLowerCase(Locale.ROOT);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    static int port(URI target) {
        return target.getPort() >= 0 ? target.getPort() : target.getScheme().equals("https") ? 443 : 80;
    }
}
