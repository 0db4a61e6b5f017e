package dev.sallyport.contract;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.User;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a sidecar says of a user whose own token it has verified: the payload of a JWS that it signs with its SVID key, the chain in {@code x5c}, {@code typ} {@link #TYPE}; carried unchanged from service to service in the
 * field {@link #FIELD}, within one trust domain. After draft-ietf-oauth-transaction-tokens. {@code issuer} is the Mesh's name of the user's issuer; {@code claims} are declared ones that travel: String, Boolean, Long or List
 * of String; {@code userIssuedAt} is the {@code iat} of the user's own token. Times in whole seconds.
 */
public record HopToken(
        TrustDomain audience,
        String id,
        String issuer,
        String subject,
        List<String> roles,
        List<String> scopes,
        Map<String, Object> claims,
        Instant userIssuedAt,
        Instant issuedAt,
        Instant expiresAt) {
    /** RFC 8725 section 3.11: no other token is taken for one, nor one for another. */
    public static final String TYPE = "txntoken+jwt";
    /** In lower case. */
    public static final String FIELD = "txn-token";
    /** The services that carried the user before the sender, the one that verified it first, with commas between; in lower case. */
    public static final String VIA_FIELD = "x-sallyport-via";
    /** Who steals one can use it so long, through the service it was stolen from. */
    public static final Duration LIFE_MAX = Duration.ofMinutes(5);

    private static final int BYTES_MAX = 8 * 1024;
    private static final String SCHEME = "spiffe://";

    public HopToken {
        roles = List.copyOf(roles);
        scopes = List.copyOf(scopes);
        claims = Map.copyOf(claims);
    }

    /** Whom it proves, carried by these services. */
    public User user(List<String> carriedBy) {
        return new User(issuer, subject, roles, scopes, claims, userIssuedAt, expiresAt, carriedBy);
    }

    /** The payload: UTF-8 JSON. */
    public byte[] toBytes() {
        JsonText json = new JsonText()
                .field("aud", SCHEME + audience.name())
                .field("txn", id)
                .field("sub", subject)
                .field("iat", issuedAt.getEpochSecond())
                .field("exp", expiresAt.getEpochSecond())
                .open("tctx")
                .field("iss", issuer)
                .field("iat", userIssuedAt.getEpochSecond())
                .field("roles", roles)
                .field("scopes", scopes)
                .open("claims");
        new TreeMap<>(claims).forEach((name, value) -> {
            switch (value) {
                case String text -> json.field(name, text);
                case Long number -> json.field(name, number.longValue());
                case Boolean flag -> json.field(name, flag.booleanValue());
                case List<?> texts -> json.field(name, texts);
                default -> throw new IllegalArgumentException("claim " + name + ": of no type that a Mesh can declare");
            }
        });
        return json.close().close().toBytes();
    }

    /** Strict: unknown, missing or repeated fields fail the whole. Who signed it, and whether its times and audience are right, is the reader's to ask. */
    public static HopToken ofBytes(byte[] payload) throws InvalidMessageException {
        JsonObject token = JsonObject.parse("hop token", payload, BYTES_MAX).version();
        JsonObject context = token.object("tctx");
        JsonObject claims = context.object("claims");
        Map<String, Object> read = new HashMap<>();
        for (String name : claims.names()) {
            read.put(name, claim(claims, name));
        }
        HopToken hop = new HopToken(
                audience(token),
                token.text("txn"),
                context.text("iss"),
                token.text("sub"),
                context.texts("roles"),
                context.texts("scopes"),
                read,
                second(context, "iat"),
                second(token, "iat"),
                second(token, "exp"));
        context.done();
        token.done();
        if (hop.subject().isEmpty()) {
            throw token.wrong("sub", "empty", "a user");
        }
        return hop;
    }

    private static TrustDomain audience(JsonObject token) throws InvalidMessageException {
        String text = token.text("aud");
        try {
            if (text.startsWith(SCHEME)) {
                return TrustDomain.parse(text.substring(SCHEME.length()));
            }
        } catch (InvalidSpiffeIdException notADomain) {
            // the same refusal as below
        }
        throw token.wrong("aud", JsonTree.shown(text), SCHEME + "a trust domain");
    }

    private static Object claim(JsonObject claims, String name) throws InvalidMessageException {
        Object value = claims.any(name);
        if (value instanceof List<?>) {
            return new ArrayList<>(claims.texts(name));
        }
        if (value instanceof String || value instanceof Long || value instanceof Boolean) {
            return value;
        }
        throw claims.wrong(name, "another type", "a text, a whole number, true or false, or a list of texts");
    }

    private static Instant second(JsonObject object, String name) throws InvalidMessageException {
        long seconds = object.number(name, 0);
        if (seconds > Instant.parse("9999-12-31T23:59:59Z").getEpochSecond()) {
            throw object.wrong(name, seconds, "seconds of this era");
        }
        return Instant.ofEpochSecond(seconds);
    }

    /** Never whom it is about. */
    @Override
    public String toString() {
        return "HopToken[" + id + "]";
    }
}
