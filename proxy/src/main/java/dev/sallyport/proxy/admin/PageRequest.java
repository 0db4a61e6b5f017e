package dev.sallyport.proxy.admin;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a page may depend on; {@code parameters} are the names of the query, {@code host} is the only one of its kind, {@code tokens} are all that claim to be the administrator's, {@code accept} is what the client would read, as it says. */
public record PageRequest(
        String method, String path, Set<String> parameters, String host, List<String> tokens, String accept) {
    boolean get() {
        return method.equals("GET");
    }

    /**
     * Whether the only {@code Host} names this machine's loopback. Without the check a web page could rebind its own name to 127.0.0.1 and have the operator's browser read the
     * administrator's pages.
     */
    boolean hostIsLoopback() {
        return loopback(host);
    }

    private static boolean loopback(String host) {
        String name = host;
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            if (end < 0) {
                return false;
            }
            name = host.substring(1, end);
        } else if (host.indexOf(':') >= 0) {
            name = host.substring(0, host.indexOf(':'));
        }
        if (name.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(name).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
