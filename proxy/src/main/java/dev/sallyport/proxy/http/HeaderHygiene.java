package dev.sallyport.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What never passes a hop. Order matters: hop-by-hop first, then identity, then what we set, so that {@code Connection: x-…} can name nothing of ours (CVE-2024-45410). */
public final class HeaderHygiene {
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade",
            "http2-settings");
    /** A sender could use {@code Connection: host} to change what the next parser sees. */
    private static final Set<String> NEVER_NAMED =
            Set.of("host", "content-length", "transfer-encoding", "content-type", "authorization", "cookie");

    private HeaderHygiene() {}

    /** Lower case with {@code -} for {@code _}: the name as the laxest application reads it. */
    public static String loosest(CharSequence name) {
        return name.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Removes connection-level fields and everything that {@code Connection} names (RFC 9110 section 7.6.1). {@code Transfer-Encoding} stays: the codec owns framing. */
    public static void removeHopByHop(HttpHeaders headers) {
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String named : value.split(",", 64)) {
                String name = named.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && !NEVER_NAMED.contains(name)) {
                    headers.remove(name);
                }
            }
        }
        HOP_BY_HOP.forEach(headers::remove);
    }

    /** Removes every field that asserts an identity, in any case and with {@code _}. */
    public static void removeIdentity(HttpHeaders headers) {
        removeIf(headers, HeaderHygiene::assertsIdentity);
    }

    /** {@code x-forwarded-client-cert}, {@code x-sallyport-*}, {@code txn-token}. */
    public static boolean assertsIdentity(String name) {
        String loosest = loosest(name);
        return loosest.equals("x-forwarded-client-cert")
                || loosest.startsWith("x-sallyport-")
                || loosest.equals("txn-token");
    }

    /** Removes each field whose name as written fulfils {@code unwanted}. */
    public static void removeIf(HttpHeaders headers, Predicate<String> unwanted) {
        List<String> names = new ArrayList<>(2);
        for (Map.Entry<String, String> field : headers) {
            if (unwanted.test(field.getKey())) {
                names.add(field.getKey());
            }
        }
        names.forEach(headers::remove);
    }

    /** What may stand in a trailer: nothing that frames, routes, authenticates or identifies (RFC 9110 section 6.5.1). */
    public static void cleanTrailers(HttpHeaders trailers) {
        if (!trailers.isEmpty()) {
            removeIf(trailers, name -> {
                String loosest = loosest(name);
                return assertsIdentity(name)
                        || HOP_BY_HOP.contains(loosest)
                        || NEVER_NAMED.contains(loosest)
                        || loosest.equals("set-cookie");
            });
        }
    }

    /** Visible ASCII for a header value out of a proven but free text (a subject, a role): everything else, {@code %} and {@code ,} are percent-encoded UTF-8. */
    public static String encoded(String text) {
        byte[] utf8 = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        StringBuilder value = new StringBuilder(utf8.length);
        for (byte octet : utf8) {
            if (octet > 0x20 && octet < 0x7f && octet != '%' && octet != ',') {
                value.append((char) octet);
            } else {
                value.append('%')
                        .append(Character.toUpperCase(Character.forDigit((octet >> 4) & 0xf, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 0xf, 16)));
            }
        }
        return value.toString();
    }

    /** Whether the only thing offered is HTTP/2 in the clear, which a server may ignore (RFC 9113 section 3.1); JDK clients offer it always. */
    public static boolean offersOnlyH2c(HttpHeaders headers) {
        List<String> offers = headers.getAll(HttpHeaderNames.UPGRADE);
        return offers.size() == 1
                && AsciiString.contentEqualsIgnoreCase(offers.getFirst().strip(), "h2c");
    }
}
