package dev.sallyport.proxy.token;

import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user's own token → what it proves. Steps in this order: form, issuer, place, algorithm, key, budget, signature, times, audience; so a stranger learns nothing about times or audiences from a token
 * he cannot sign. RFC 7515, 7519, 8725. One per event loop, with a bounded cache of what it has verified; never blocks, never fetches.
 */
public final class TokenVerifier {
    private static final int TOKEN_BYTES_MAX = 8 * 1024;
    private static final int TOKEN_ID_CHARS_MAX = 256;
    private static final int SUBJECT_CHARS_MAX = 1024;
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt");
    private static final Optional<Reason> TOO_OLD = Optional.of(Reason.TOKEN_TOO_OLD);
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    /** What a token proved, by which key, and its issuer, whose times count again each time. */
    private record Known(TokenResult result, User user, IssuerKeys keys, IssuerKeys.Key key) {}

    /** {@code proof} of a good token; {@code lasting}: a bad one that will be as bad in a moment, and in another place. */
    private record Judged(TokenResult result, Optional<Known> proof, boolean lasting) {
        static Judged bad(Reason reason, Jws jws) {
            return new Judged(TokenResult.bad(reason, jws.shownKeyId()), Optional.empty(), true);
        }

        static Judged badHere(Jws jws) {
            return new Judged(TokenResult.bad(Reason.TOKEN_INVALID, jws.shownKeyId()), Optional.empty(), false);
        }
    }

    private final boolean here;
    private final KeyWanted keyWanted;
    private final SeenTokens seen;
    private final Proofs<Known> proofs = new Proofs<>();
    private final TokenDigest digest = TokenDigest.create();
    private TokenIssuers current = TokenIssuers.NONE;

    /** {@code seen} knows the tokens that a rule has taken. */
    public TokenVerifier(KeyWanted keyWanted, SeenTokens seen) {
        this(keyWanted, seen, true);
    }

    /** {@code here}: signatures are checked within {@link #verify}; otherwise its result has a {@link SignatureCheck} for each token that was not seen before, to be run elsewhere and {@link #settle}d. */
    public TokenVerifier(KeyWanted keyWanted, SeenTokens seen, boolean here) {
        this.here = here;
        this.keyWanted = keyWanted;
        this.seen = seen;
    }

    /** The user's own token, wherever {@code issuers}, of one snapshot, have it. {@code budget}: asked before a token is looked at that was not seen before. */
    public TokenResult verify(RequestHead head, TokenIssuers issuers, Budget budget, Instant now) {
        int fields = head.count(Field.AUTHORIZATION);
        TokenResult standard = fields == 0
                ? TokenResult.ABSENT
                : bearer(
                        fields,
                        head.array(),
                        head.valueStart(Field.AUTHORIZATION),
                        head.valueEnd(Field.AUTHORIZATION),
                        issuers,
                        budget,
                        now);
        for (int i = 0; i < issuers.headers().size(); i++) { // no iterator: one for each request would be garbage
            String header = issuers.headers().get(i);
            List<String> values = head.values(header);
            if (values.isEmpty()) {
                continue;
            }
            if (values.size() > 1
                    || !(standard.fact() instanceof UserFact.Absent)) { // Two readers could pick different ones.
                return TokenResult.bad(Reason.TOKEN_INVALID);
            }
            byte[] token = values.getFirst().getBytes(StandardCharsets.ISO_8859_1);
            standard = sized(token, 0, token.length, Optional.of(header), issuers, budget, now);
        }
        return standard;
    }

    /** {@code authorization}: every Authorization field of the request. */
    TokenResult verify(List<String> authorization, TokenIssuers issuers, Instant now) {
        byte[] value =
                authorization.isEmpty() ? new byte[0] : authorization.getFirst().getBytes(StandardCharsets.ISO_8859_1);
        return bearer(authorization.size(), value, 0, value.length, issuers, () -> true, now);
    }

    private TokenResult bearer(
            int fields, byte[] bytes, int from, int to, TokenIssuers issuers, Budget budget, Instant now) {
        if (fields == 0) {
            return TokenResult.ABSENT;
        }
        if (fields > 1) { // Two readers could pick different ones.
            return TokenResult.bad(Reason.TOKEN_INVALID);
        }
        int start = Bearer.tokenStart(bytes, from, to);
        return start < 0
                ? TokenResult.ABSENT
                : sized(bytes, start, Bearer.tokenEnd(bytes, start, to), Optional.empty(), issuers, budget, now);
    }

    private TokenResult sized(
            byte[] bytes, int from, int to, Optional<String> place, TokenIssuers issuers, Budget budget, Instant now) {
        follow(issuers);
        return from == to || to - from > TOKEN_BYTES_MAX
                ? TokenResult.bad(Reason.TOKEN_INVALID)
                : cached(bytes, from, to, place, budget, now);
    }

    /** What a key proved that left the snapshot must not live on here. */
    @SuppressWarnings("ReferenceEquality") // A snapshot's own: the same as long as it is in force.
    private void follow(TokenIssuers issuers) {
        if (current == issuers) {
            return;
        }
        boolean alike = issuers.isLike(current);
        current = issuers;
        if (!alike) {
            proofs.keepOnly(known -> issuers.stand(known.keys(), known.key()));
        }
    }

    private TokenResult cached(byte[] bytes, int from, int to, Optional<String> place, Budget budget, Instant now) {
        digest.of(bytes, from, to);
        Known known = proofs.proven(digest);
        if (known != null) {
            return again(known, place, now);
        }
        Optional<TokenResult> refused = proofs.refused(digest, now);
        if (refused.isPresent()) {
            return refused.get();
        }
        Optional<Jws> jws = Jws.parse(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
        if (jws.isEmpty()) {
            TokenResult formless = TokenResult.bad(Reason.TOKEN_INVALID);
            proofs.refuse(digest, formless, now);
            return formless;
        }
        Judged judged = judge(jws.get(), place, budget, now);
        remember(digest, judged, now);
        return judged.result();
    }

    private TokenResult again(Known known, Optional<String> place, Instant now) {
        Mesh.Issuer issuer = known.keys().issuer();
        if (!issuer.tokenHeader().equals(place)) {
            return TokenResult.bad(Reason.TOKEN_INVALID, known.result().keyId());
        }
        Optional<Reason> outdated =
                outdated(issuer, known.user().issuedAt(), known.user().expiresAt(), now);
        return outdated.isEmpty()
                ? known.result()
                : TokenResult.bad(outdated.get(), known.result().keyId());
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

    /** {@code budget}: asked before a signature is checked, which is what costs; not for a token that a rule has taken before. */
    private Judged judge(Jws jws, Optional<String> place, Budget budget, Instant now) {
        if (!jws.plain()) {
            return Judged.bad(Reason.TOKEN_INVALID, jws);
        }
        @Nullable IssuerKeys keys = jws.payload().get("iss") instanceof String iss ? current.of(iss) : null;
        if (keys == null) {
            return Judged.bad(Reason.TOKEN_ISSUER, jws);
        }
        Mesh.Issuer issuer = keys.issuer();
        // RFC 8725 section 3.1: the algorithm is ours to choose, not the token's; section 3.11: so is the type.
        if (!issuer.tokenHeader().equals(place)) {
            return Judged.badHere(jws);
        }
        if (!typed(jws, issuer)
                || !issuer.algorithms().contains(jws.header().getAlgorithm().getName())) {
            return Judged.bad(Reason.TOKEN_INVALID, jws);
        }
        Optional<IssuerKeys.Key> key =
                jws.keyId().isPresent() ? keys.byId(jws.keyId().get()) : keys.only();
        if (key.isEmpty()) {
            keyWanted.wanted(issuer.name());
        }
        if (key.isEmpty() || !key.get().fits(jws.header().getAlgorithm())) {
            return Judged.bad(Reason.TOKEN_KEY_UNKNOWN, jws);
        }
        if (!seen.knows(digest) && !budget.take()) {
            return new Judged(TokenResult.UNJUDGED, Optional.empty(), false);
        }
        SignatureCheck check = new SignatureCheck(digest, jws, keys, key.get());
        return here
                ? judged(check, check.holds(), now)
                : new Judged(TokenResult.unsettled(check), Optional.empty(), false);
    }

    private static Judged judged(SignatureCheck check, boolean holds, Instant now) {
        return holds ? content(check, now) : Judged.bad(Reason.TOKEN_SIGNATURE, check.jws());
    }

    /** What a token has come to whose signature was checked elsewhere; known from now on, unless its issuer's keys are others by now. {@code now}: the time of its request. */
    public TokenResult settle(SignatureCheck check, boolean holds, Instant now) {
        Judged judged = judged(check, holds, now);
        if (current.stand(check.keys(), check.key())) {
            remember(check.digest(), judged, now);
        }
        return judged.result();
    }

    private void remember(TokenDigest of, Judged judged, Instant now) {
        if (judged.proof().isPresent()) {
            proofs.keep(of, judged.proof().get());
        } else if (judged.lasting()) {
            proofs.refuse(of, judged.result(), now);
        }
    }

    private static boolean typed(Jws jws, Mesh.Issuer issuer) {
        if (!jws.fields().containsKey("typ")) {
            return issuer.types().isEmpty();
        }
        Optional<String> type = jws.type();
        return type.isPresent()
                && (issuer.types().isEmpty()
                        ? TYPES.contains(type.get())
                        : issuer.types().contains(type.get()));
    }

    private static Judged content(SignatureCheck check, Instant now) {
        Jws jws = check.jws();
        IssuerKeys keys = check.keys();
        IssuerKeys.Key key = check.key();
        Mesh.Issuer issuer = keys.issuer();
        Map<String, Object> payload = jws.payload();
        Optional<Instant> expires = date(payload, "exp");
        if (expires.isEmpty()
                || broken(payload, "nbf")
                || broken(payload, "iat")
                || !(payload.get("sub") instanceof String subject)
                || subject.isEmpty()
                || subject.length() > SUBJECT_CHARS_MAX) {
            return Judged.bad(Reason.TOKEN_INVALID, jws);
        }
        Instant issued = date(payload, "iat").orElse(Instant.EPOCH);
        Optional<Reason> outdated = outdated(issuer, issued, expires.get(), now);
        if (outdated.isPresent()) {
            return Judged.bad(outdated.get(), jws);
        }
        if (early(jws, now.plus(issuer.clockSkew()))) {
            return Judged.badHere(jws); // It will be good.
        }
        if (!meant(payload.get("aud"), issuer.audiences())) {
            return Judged.bad(Reason.TOKEN_AUDIENCE, jws);
        }
        User user = Claims.user(issuer, subject, payload, issued, expires.get());
        TokenResult good = new TokenResult(
                new UserFact.Verified(user),
                jws.shownKeyId(),
                Optional.of(
                        new Voucher.Verified(user, keys, key, new SeenTokens.Token(check.digest(), user.expiresAt()))),
                Optional.empty(),
                payload.get("jti") instanceof String id && !id.isEmpty() && id.length() <= TOKEN_ID_CHARS_MAX
                        ? Optional.of(id)
                        : Optional.empty());
        return new Judged(good, Optional.of(new Known(good, user, keys, key)), true);
    }

    /** Not yet valid at {@code time}. */
    private static boolean early(Jws jws, Instant time) {
        return date(jws.payload(), "nbf").filter(time::isBefore).isPresent()
                || date(jws.payload(), "iat").filter(time::isBefore).isPresent();
    }

    /** RFC 7519 section 4.1.3: one string or a set, and we must be in it. */
    private static boolean meant(@Nullable Object audience, List<String> ours) {
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
}
