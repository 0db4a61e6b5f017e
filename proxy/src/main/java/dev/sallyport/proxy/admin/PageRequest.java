package dev.sallyport.proxy.admin;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a page may depend on; {@code parameters} is the query, {@code host} is the only one of its kind, {@code tokens} are all that claim to be the administrator's, {@code accept} is
 * every {@code Accept} as one list, at most {@link #ACCEPT_MAX} characters, empty where there is none.
 */
public record PageRequest(
        String method,
        String path,
        Map<String, List<String>> parameters,
        String host,
        List<String> tokens,
        String accept) {
    /** Of a longer one nothing is believed. */
    static final int ACCEPT_MAX = 1024;

    private static final int SHOWN_MAX = 64;

    /** A wrong value as a sentence may repeat it: short, and nothing that speaks to a terminal. */
    static String shown(String value) {
        String plain = value.replaceAll("[^\\x20-\\x7e]", "?");
        return "'" + (plain.length() > SHOWN_MAX ? plain.substring(0, SHOWN_MAX) + "…" : plain) + "'";
    }

    /** The first value of {@code name} in the query. */
    Optional<String> parameter(String name) {
        List<String> values = parameters.get(name);
        return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }

    /** A parameter that is none of {@code known}, or one that is there more than once: a word that is not understood must not pass for one that was never said. */
    Optional<String> unexpected(Set<String> known) {
        return parameters.entrySet().stream()
                .filter(each ->
                        !known.contains(each.getKey()) || each.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .findFirst();
    }

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
