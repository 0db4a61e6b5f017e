package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One request, or one refused connection, as it goes on record. Names follow OpenTelemetry (audit reference section 1.1); {@code null} fields are left out. Never a token, cookie,
 * body or query string.
 */
public final class AuditRecord implements Waiting {
    private static final int ID_BYTES = 26;
    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /** Which side, or a connection that never carried a request. */
    public enum Direction {
        INBOUND,
        OUTBOUND,
        CONNECTION;

        final String word = name().toLowerCase(Locale.ROOT);
    }

    /** {@code allow|deny|error}: a decision is not an outcome. */
    public enum Verdict {
        ALLOW,
        DENY,
        ERROR;

        final String word = name().toLowerCase(Locale.ROOT);
    }

    /** Of a request that is recorded more than once: before it is forwarded, while it lasts, at its end. */
    public enum Phase {
        INTENT,
        /** It is still under way: bytes and duration are those so far. */
        INTERVAL,
        OUTCOME;

        final String word = name().toLowerCase(Locale.ROOT);
    }

    /**
     * What flows. A WebSocket begins as the request that asks for it and keeps that request's fields; a TCP stream has no method, authority, route or status. Of both the bytes are those
     * of the tunnel.
     */
    public enum Protocol {
        HTTP,
        WEBSOCKET,
        TCP;

        final String word = name().toLowerCase(Locale.ROOT);
    }

    // Filled by one event loop, until it is given away (Appender.append).
    public final String id;
    public final Instant time;
    public final Direction direction;
    /** Null: the only record of its request. */
    public @Nullable Phase phase;
    /** How many more of the same this one stands for. */
    public long repeats;

    public Protocol protocol = Protocol.HTTP;
    /** Where it is not the usual one, which is 1.1 of HTTP. */
    public @Nullable String protocolVersion;

    public @Nullable String service;
    public @Nullable String peerAddress;
    public @Nullable String callerId;
    public @Nullable String peerSerial;
    public @Nullable String peerFingerprint;
    public @Nullable String peerIssuer;
    /** RFC 3339. */
    public @Nullable String peerNotAfter;

    /** With the caller; of an outbound record with the upstream. */
    public @Nullable String tlsVersion;

    public @Nullable String tlsCipher;
    public @Nullable String tlsCurve;
    public @Nullable String method;
    public @Nullable String authority;
    /** 0: the request named none. */
    public int authorityPort;

    public @Nullable String route;
    public @Nullable String template;
    /** Canonical path with the template's variables keyed, or as the policy says; absent when no template matched. */
    public @Nullable String path;

    /** Names of what was left out of path and inputs. */
    public @Nullable List<String> redacted;
    /** {@code overlapped|required}, as the route says; null for buffered. */
    public @Nullable String level;

    public @Nullable Verdict verdict;
    public @Nullable String reason;
    public @Nullable String rule;
    /** The rule that got furthest, of a denial or of one that was only observed. */
    public @Nullable String nearestRule;

    /** Guardrail and denial, where they denied. */
    public @Nullable String guardrail;
    /** The reason of the denial that {@code mode: observe} let pass. */
    public @Nullable String observed;
    /** What would be decided if nothing were in dry run: {@code allow|deny|ask}. */
    public @Nullable String candidateDecision;

    public @Nullable String candidateReason;
    /** The rule or the guardrail that decided there, or the nearest rule. */
    public @Nullable String candidateRule;
    /** {@code within|exceeded|table_full}, where the route has a limit. */
    public @Nullable String limit;
    /** {@code true|false|error} by {@code target/path}. */
    public @Nullable SortedMap<String, String> opa;

    public @Nullable String opaDetail;
    /** What the route's rules read, in the clear: every value, in order. */
    public @Nullable SortedMap<String, List<String>> inputs;
    /** The same as keyed words. */
    public @Nullable SortedMap<String, List<String>> keyedInputs;

    public @Nullable String detail;
    /** Of the user's own token: {@code absent|verified|unjudged|token_*}, or null when no rule looked at it. */
    public @Nullable String tokenResult;

    /**
     * At most 32 characters. Inbound, of the hop token: {@code absent|verified|unjudged|token_*}, {@code other_user} when it proves another than the user's own token; null when no rule looked at it, or when there was
     * none beside a good token of the user's own.
     * Outbound, how the request came by its user: {@code attached}, or why it has none.
     */
    public @Nullable String userCarried;

    /** The services of a good hop token: the one that verified the user's own token first, the caller last. */
    public @Nullable List<String> userVia;

    public @Nullable String userIssuer;
    /** Keyed hash of the subject. */
    public @Nullable String userHash;

    public @Nullable List<String> userRoles;
    public @Nullable List<String> userScopes;
    /** Declared claims that the policy reads, as text. */
    public @Nullable SortedMap<String, String> userClaims;

    public @Nullable String tokenKeyId;
    public @Nullable Instant tokenIssuedAt;
    public @Nullable Instant tokenExpiresAt;
    /** Keyed word of its {@code jti}. */
    public @Nullable String tokenIdHash;

    public long revision = -1;
    public @Nullable String policyDigest;
    public int status;
    public long requestBytes;
    public long responseBytes;
    public long durationMicros;
    /** The sidecar's own share of the duration. */
    public long processingMicros;

    public @Nullable String traceId;
    public @Nullable String upstreamId;
    public @Nullable String upstreamAddress;
    public @Nullable String upstreamService;
    public @Nullable String upstreamSerial;
    public @Nullable String upstreamFingerprint;
    /** Those before, each with its reason. */
    public @Nullable List<String> attempts;

    /** How often the request was sent again, which is only done where nobody can have acted on it. */
    public int resends;

    /** {@link RecordWeight} of it, once it is given away. */
    int weight;

    /** {@link #isRefusal} of it, then. */
    boolean refusal;

    public AuditRecord(String id, Instant time, Direction direction) {
        this.id = id;
        this.time = time;
        this.direction = direction;
    }

    /** Whether somebody whom no rule let in caused it: such records have a quota of their own, so that strangers do not take the room that admitted requests need. */
    boolean isRefusal() {
        return direction == Direction.CONNECTION || verdict == Verdict.DENY;
    }

    /** A new decision id: 26 characters, Crockford base32 of a ULID (48-bit milliseconds, 80 random bits). */
    public static String newId(Instant now, java.util.random.RandomGenerator random) {
        return newId(now, random, new byte[ID_BYTES]);
    }

    /** The same for whoever makes many; {@code text} has room for 26 bytes and is free again afterwards. */
    public static String newId(Instant now, java.util.random.RandomGenerator random, byte[] text) {
        long millis = now.toEpochMilli();
        for (int i = 9; i >= 0; i--) {
            text[i] = crockford(millis);
            millis >>>= 5;
        }
        long high = random.nextLong();
        long low = random.nextLong();
        for (int i = 0; i < 8; i++) {
            text[10 + i] = crockford(high >>> (5 * i));
            text[18 + i] = crockford(low >>> (5 * i));
        }
        return new String(text, 0, ID_BYTES, StandardCharsets.ISO_8859_1);
    }

    private static byte crockford(long bits) {
        return (byte) CROCKFORD.charAt((int) (bits & 31));
    }
}
