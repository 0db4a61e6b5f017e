package dev.sallyport.proxy.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A bearer token → what it proves. Steps in this order: form, issuer, algorithm, key, signature, times, audience; so a stranger learns nothing about times or audiences from a token
 * he cannot sign. RFC 7515, 7519, 8725. One per event loop, with a bounded cache of what it has verified; never blocks, never fetches.
 */
public final class TokenVerifier {
    /** What the request's credentials came to, and the key id that the token named. */
    public record Result(UserFact fact, Optional<String> keyId) {
        private static final Result ABSENT = new Result(new UserFact.Absent(), Optional.empty());

        private static Result bad(Reason reason, Optional<String> keyId) {
            return new Result(new UserFact.Bad(reason), keyId);
        }
    }

    private static final String BEARER = "bearer";
    private static final int TOKEN_BYTES_MAX = 8 * 1024;
    private static final int SUBJECT_CHARS_MAX = 1024;
    private static final int CACHED_MAX = 1024;
    private static final int REFUSED_MAX = 256;
    /** A forged token costs a signature check once per this time, not once per request. */
    private static final Duration REFUSED_LIFE = Duration.ofSeconds(30);

    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt", "application/jwt");
    private static final Optional<Reason> TOO_OLD = Optional.of(Reason.TOKEN_TOO_OLD);
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    /** What a token proved, and its issuer, whose times count again each time. */
    private record Known(Result result, User user, Mesh.Issuer issuer) {}

    private final Map<TokenDigest, Known> verified = bounded(CACHED_MAX);
    private final Map<TokenDigest, Instant> refused = bounded(REFUSED_MAX);
    private final TokenDigest digest = TokenDigest.create();
    private Map<String, IssuerKeys> cachedFor = Map.of();

    private static <V> Map<TokenDigest, V> bounded(int max) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<TokenDigest, V> eldest) {
                return size() > max;
            }
        };
    }

    /** The Authorization fields of a request that go on. {@code issuers} by issuer URL, of one snapshot; another map empties the cache. */
    public Result verify(RequestHead head, Map<String, IssuerKeys> issuers, Instant now) {
        int fields = head.count(Field.AUTHORIZATION);
        return fields == 0
                ? Result.ABSENT
                : verify(
                        fields,
                        head.array(),
                        head.valueStart(Field.AUTHORIZATION),
                        head.valueEnd(Field.AUTHORIZATION),
                        issuers,
                        now);
    }

    /** {@code authorization}: every Authorization field of the request. */
    Result verify(List<String> authorization, Map<String, IssuerKeys> issuers, Instant now) {
        byte[] value =
                authorization.isEmpty() ? new byte[0] : authorization.getFirst().getBytes(StandardCharsets.ISO_8859_1);
        return verify(authorization.size(), value, 0, value.length, issuers, now);
    }

    @SuppressWarnings(
            "ReferenceEquality") // A snapshot's own map: comparing its content would cost more than the cache saves.
    private Result verify(int fields, byte[] bytes, int from, int to, Map<String, IssuerKeys> issuers, Instant now) {
        if (cachedFor != issuers) { // A key that left the snapshot must not live on here.
            verified.clear();
            refused.clear();
            cachedFor = issuers;
        }
        if (fields == 0) {
            return Result.ABSENT;
        }
        if (fields > 1) { // Two readers could pick different ones.
            return Result.bad(Reason.TOKEN_INVALID, Optional.empty());
        }
        int scheme = from;
        while (scheme < to && blank(bytes[scheme])) {
            scheme++;
        }
        int start = scheme + BEARER.length();
        if (start > to || !bearer(bytes, scheme) || (start < to && bytes[start] != ' ')) {
            return Result.ABSENT;
        }
        int end = to;
        while (end > start && blank(bytes[end - 1])) {
            end--;
        }
        while (start < end && blank(bytes[start])) {
            start++;
        }
        return start == end || end - start > TOKEN_BYTES_MAX
                ? Result.bad(Reason.TOKEN_INVALID, Optional.empty())
                : cached(bytes, start, end, issuers, now);
    }

    private static boolean blank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean bearer(byte[] bytes, int from) {
        for (int i = 0; i < BEARER.length(); i++) {
            if ((bytes[from + i] | 0x20) != BEARER.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Result cached(byte[] bytes, int from, int to, Map<String, IssuerKeys> issuers, Instant now) {
        digest.of(bytes, from, to);
        Known known = verified.get(digest);
        if (known != null) {
            Optional<Reason> outdated = outdated(
                    known.issuer(), known.user().issuedAt(), known.user().expiresAt(), now);
            return outdated.isEmpty()
                    ? known.result()
                    : Result.bad(outdated.get(), known.result().keyId());
        }
        Instant refusedUntil = refused.get(digest);
        Optional<Jws> parsed = Jws.parse(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        if (parsed.isEmpty()) {
            return Result.bad(Reason.TOKEN_INVALID, Optional.empty());
        }
        Jws jws = parsed.get();
        if (refusedUntil != null && now.isBefore(refusedUntil)) {
            return Result.bad(Reason.TOKEN_SIGNATURE, jws.keyId());
        }
        Result result = judge(jws, issuers, now);
        if (result.fact() instanceof UserFact.Verified(User user)) {
            issuer(user, issuers).ifPresent(issuer -> verified.put(digest.copy(), new Known(result, user, issuer)));
        } else if (result.fact() instanceof UserFact.Bad(Reason reason) && reason == Reason.TOKEN_SIGNATURE) {
            refused.put(digest.copy(), now.plus(REFUSED_LIFE));
        }
        return result;
    }

    private static Optional<Mesh.Issuer> issuer(User user, Map<String, IssuerKeys> issuers) {
        for (IssuerKeys keys : issuers.values()) {
            if (keys.issuer().name().equals(user.issuer())) {
                return Optional.of(keys.issuer());
            }
        }
        return Optional.empty();
    }

    /** Time does this to a token that was good: the one check that a cached proof needs as well. {@code issuedAt} is EPOCH, and so too old, where the token does not say. */
    private static Optional<Reason> outdated(Mesh.Issuer issuer, Instant issuedAt, Instant expiresAt, Instant now) {
        if (!now.isBefore(expiresAt.plus(issuer.clockSkew()))) {
            return Optional.of(Reason.TOKEN_EXPIRED);
        }
        boolean tooOld = issuer.maxTokenAge().isPresent()
                && now.isAfter(issuedAt.plus(issuer.maxTokenAge().get()));
        return tooOld ? TOO_OLD : Optional.empty();
    }

    private static Result judge(Jws jws, Map<String, IssuerKeys> issuers, Instant now) {
        Optional<String> keyId = jws.keyId();
        if (!jws.wellFormed()) {
            return Result.bad(Reason.TOKEN_INVALID, keyId);
        }
        IssuerKeys keys = jws.payload().get("iss") instanceof String iss ? issuers.get(iss) : null;
        if (keys == null) {
            return Result.bad(Reason.TOKEN_ISSUER, keyId);
        }
        // RFC 8725 section 3.1: the algorithm is ours to choose, not the token's.
        if (!keys.issuer().algorithms().contains(jws.header().getAlgorithm().getName())) {
            return Result.bad(Reason.TOKEN_INVALID, keyId);
        }
        Optional<IssuerKeys.Key> key = keyId.isPresent() ? keys.byId(keyId.get()) : keys.only();
        if (key.isEmpty() || !key.get().fits(jws.header().getAlgorithm())) {
            return Result.bad(Reason.TOKEN_KEY_UNKNOWN, keyId);
        }
        if (!signed(jws, key.get())) {
            return Result.bad(Reason.TOKEN_SIGNATURE, keyId);
        }
        return content(jws, keys.issuer(), now);
    }

    private static boolean signed(Jws jws, IssuerKeys.Key key) {
        try {
            return key.verifier()
                    .verify(jws.header(), jws.signingInput().getBytes(StandardCharsets.US_ASCII), jws.signature());
        } catch (JOSEException e) {
            return false;
        }
    }

    private static Result content(Jws jws, Mesh.Issuer issuer, Instant now) {
        Map<String, Object> payload = jws.payload();
        Optional<Instant> expires = date(payload, "exp");
        if (expires.isEmpty()
                || broken(payload, "nbf")
                || broken(payload, "iat")
                || !(payload.get("sub") instanceof String subject)
                || subject.isEmpty()
                || subject.length() > SUBJECT_CHARS_MAX) {
            return Result.bad(Reason.TOKEN_INVALID, jws.keyId());
        }
        Instant issued = date(payload, "iat").orElse(Instant.EPOCH);
        Optional<Reason> outdated = outdated(issuer, issued, expires.get(), now);
        if (outdated.isPresent()) {
            return Result.bad(outdated.get(), jws.keyId());
        }
        Instant ahead = now.plus(issuer.clockSkew());
        if (date(payload, "nbf").filter(ahead::isBefore).isPresent()
                || date(payload, "iat").filter(ahead::isBefore).isPresent()) {
            return Result.bad(Reason.TOKEN_INVALID, jws.keyId());
        }
        if (!meant(payload.get("aud"), issuer.audiences())) {
            return Result.bad(Reason.TOKEN_AUDIENCE, jws.keyId());
        }
        return new Result(
                new UserFact.Verified(Claims.user(issuer, subject, payload, issued, expires.get())), jws.keyId());
    }

    /** RFC 7519 section 4.1.3: one string or a set, and we must be in it. */
    private static boolean meant(@org.jspecify.annotations.Nullable Object audience, List<String> ours) {
        return switch (audience) {
            case String one -> ours.contains(one);
            case List<?> several ->
                several.stream().allMatch(String.class::isInstance)
                        && several.stream().anyMatch(ours::contains);
            case null, default -> false;
        };
    }

    /** A NumericDate in whole seconds; nothing else is one here: no text, no fraction, no negative. */
    private static Optional<Instant> date(Map<String, Object> payload, String name) {
        return payload.get(name) instanceof Long seconds && seconds >= 0 && seconds <= LATEST.getEpochSecond()
                ? Optional.of(Instant.ofEpochSecond(seconds))
                : Optional.empty();
    }

    private static boolean broken(Map<String, Object> payload, String name) {
        return payload.containsKey(name) && date(payload, name).isEmpty();
    }

    /** The three parts of a compact JWS, each in the one canonical encoding; header and payload read strictly. */
    private record Jws(
            JWSHeader header,
            Map<String, Object> fields,
            Map<String, Object> payload,
            String signingInput,
            Base64URL signature) {
        static Optional<Jws> parse(String token) {
            String[] parts = token.split("\\.", 4);
            if (parts.length != 3) {
                return Optional.empty();
            }
            try {
                Map<String, Object> fields = StrictJson.object(decoded(parts[0]));
                Map<String, Object> payload = StrictJson.object(decoded(parts[1]));
                decoded(parts[2]);
                if (parts[2].isEmpty()) {
                    return Optional.empty();
                }
                JWSHeader header = JWSHeader.parse(new Base64URL(parts[0])); // Refuses "none".
                String input = token.substring(0, token.lastIndexOf('.'));
                return Optional.of(new Jws(header, fields, payload, input, new Base64URL(parts[2])));
            } catch (IOException | ParseException | IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        private static byte[] decoded(String part) throws IOException {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
                throw new IOException("not canonical base64url");
            }
            return bytes;
        }

        /** No extension that we would have to understand (RFC 7515 section 4.1.11), no unencoded payload, no compression, and a type that is a JWT. */
        boolean wellFormed() {
            boolean plain = !fields.containsKey("crit") && !fields.containsKey("b64") && !fields.containsKey("zip");
            Object type = fields.get("typ");
            boolean typed =
                    type == null || (type instanceof String text && TYPES.contains(text.toLowerCase(Locale.ROOT)));
            Object keyId = fields.get("kid");
            return plain && typed && (keyId == null || keyId instanceof String);
        }

        Optional<String> keyId() {
            return Optional.ofNullable(header.getKeyID());
        }
    }
}
