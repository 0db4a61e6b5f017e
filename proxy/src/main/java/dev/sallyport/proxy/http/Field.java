package dev.sallyport.proxy.http;

import dev.sallyport.policy.CanonicalRequest;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The fields that mean something to a sidecar, and what it does with them; every other field is {@link #OTHER} and passes as it is. Names are lower case with {@code -}, and known whatever stands for it. */
public enum Field {
    OTHER(""),
    /** Any name that makes an application act on another method, path or host: {@link CanonicalRequest#overridingHeaders}. */
    OVERRIDING(""),
    /** Any name that begins with {@code x-sallyport-}. */
    SALLYPORT("x-sallyport-"),
    /** Any name of Zipkin's propagation: {@link #b3Names}. */
    B3(""),
    HOST("host"),
    CONTENT_LENGTH("content-length"),
    TRANSFER_ENCODING("transfer-encoding"),
    CONNECTION("connection"),
    KEEP_ALIVE("keep-alive"),
    PROXY_CONNECTION("proxy-connection"),
    PROXY_AUTHENTICATE("proxy-authenticate"),
    PROXY_AUTHORIZATION("proxy-authorization"),
    TE("te"),
    TRAILER("trailer"),
    UPGRADE("upgrade"),
    HTTP2_SETTINGS("http2-settings"),
    EXPECT("expect"),
    CONTENT_TYPE("content-type"),
    AUTHORIZATION("authorization"),
    COOKIE("cookie"),
    SET_COOKIE("set-cookie"),
    X_REQUEST_ID("x-request-id"),
    TRACEPARENT("traceparent"),
    TRACESTATE("tracestate"),
    BAGGAGE("baggage"),
    X_FORWARDED_CLIENT_CERT("x-forwarded-client-cert"),
    TXN_TOKEN("txn-token");

    /** Of one connection only (RFC 9110 section 7.6.1). {@code Transfer-Encoding} is not among them: whoever relays the body decides. */
    static final Set<Field> HOP_BY_HOP = EnumSet.of(
            CONNECTION,
            KEEP_ALIVE,
            PROXY_CONNECTION,
            PROXY_AUTHENTICATE,
            PROXY_AUTHORIZATION,
            TE,
            TRAILER,
            UPGRADE,
            HTTP2_SETTINGS);

    /** What asserts an identity. */
    static final Set<Field> IDENTITY = EnumSet.of(X_FORWARDED_CLIENT_CERT, SALLYPORT, TXN_TOKEN);

    /** What {@code Connection} cannot take away: a sender could use {@code Connection: host} to change what the next parser sees. */
    static final Set<Field> NEVER_NAMED =
            EnumSet.of(HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONTENT_TYPE, AUTHORIZATION, COOKIE);

    /** What may not stand in a trailer (RFC 9110 section 6.5.1): whatever frames, routes, authenticates or identifies. */
    static final Set<Field> NEVER_TRAILING = EnumSet.allOf(Field.class);

    static {
        NEVER_TRAILING.remove(OTHER);
    }

    private static final int SLOTS = 256;
    private static final String[] NAMES = new String[SLOTS];
    private static final Field[] FIELDS = new Field[SLOTS];

    static {
        for (Field field : values()) {
            if (!field.text.isEmpty() && field != SALLYPORT) {
                put(field.text, field);
            }
        }
        CanonicalRequest.overridingHeaders().forEach(name -> put(name, OVERRIDING));
        b3Names().forEach(name -> put(name, B3));
    }

    private final String text;

    Field(String text) {
        this.text = text;
    }

    /** In one field, or in several. */
    static List<String> b3Names() {
        return List.of("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags");
    }

    /** Lower case; empty for the kinds that are no single name. */
    public String text() {
        return text;
    }

    private static void put(String name, Field field) {
        int slot = hash(name) & (SLOTS - 1);
        while (NAMES[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        NAMES[slot] = name;
        FIELDS[slot] = field;
    }

    /** {@link String#hashCode} of a folded name, as the scanner computes it on its way. */
    static int hash(String folded) {
        int hash = 0;
        for (int i = 0; i < folded.length(); i++) {
            hash = 31 * hash + folded.charAt(i);
        }
        return mixed(hash);
    }

    static int mixed(int hash) {
        return hash ^ (hash >>> 15);
    }

    /** The field that the name in [from, to) is to the laxest reader; {@code hash} as {@link #hash} of its folded form. */
    static Field of(byte[] bytes, int from, int to, int hash) {
        int slot = hash & (SLOTS - 1);
        while (NAMES[slot] != null) {
            if (Octets.sameFolded(bytes, from, to, NAMES[slot])) {
                return FIELDS[slot];
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        return spelt(bytes, from, to);
    }

    /** With more or less between its letters: nobody has a use for {@code Transfer--Encoding} but to see who takes it for what it is not. */
    private static Field spelt(byte[] bytes, int from, int to) {
        return switch (bytes[from] | 0x20) {
            case 'x' ->
                Octets.spells(bytes, from, to, "xsallyport", false)
                        ? SALLYPORT
                        : Octets.spells(bytes, from, to, "xforwardedclientcert", true)
                                ? X_FORWARDED_CLIENT_CERT
                                : OTHER;
            case 't' ->
                Octets.spells(bytes, from, to, "txntoken", true)
                        ? TXN_TOKEN
                        : Octets.spells(bytes, from, to, "transferencoding", true) ? TRANSFER_ENCODING : OTHER;
            case 'c' -> Octets.spells(bytes, from, to, "contentlength", true) ? CONTENT_LENGTH : OTHER;
            default -> OTHER;
        };
    }
}
