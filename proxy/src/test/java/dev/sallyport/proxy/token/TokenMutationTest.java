package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.base64;
import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.BROAD;
import static dev.sallyport.proxy.token.TestIssuers.PARTNER;
import static dev.sallyport.proxy.token.TestIssuers.SHOP;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.testing.Forge;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Good tokens, damaged: whatever still verifies is, octet for octet, a token that an issuer signed, and proves what that one proves. One verifier sees them all, as on an event loop, so that what it remembers of one token
 * is never an answer for another. A failure names its seed, and {@code -Dsallyport.seed} makes the same mutation the first.
 */
class TokenMutationTest {
    private static final int EXECUTIONS = Integer.getInteger("sallyport.fuzz.executions", 20_000);
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final String NO_CHARACTERS = "=+/. \t\r\n\f\u0000%,~:\"{}\u0085\u00a0\u00e9\u00ff";
    private static final List<String> INSERTS = List.of(
            "=", "==", ".", "..", " ", "\t", "\n", "\r\n", "\u0000", "%2e", "A", "AA", "AAAA", "eyJ", "e30", ",",
            "\u00a0");

    private static final ECKey KEY = Forge.key("one");
    private static final RSAKey RSA = Forge.rsa("rsa");
    private static final ECKey PARTNERS = Forge.key("one");
    private static final Map<String, IssuerKeys> ISSUERS =
            snapshot(keys(SHOP, KEY), keys(PARTNER, PARTNERS), keys(BROAD, RSA, KEY));

    /** What issuers signed, each for another user. */
    private static final Map<String, User> SIGNED = new HashMap<>();

    private static final List<String> TOKENS = List.of(
            signed(Forge.token(KEY, header(), payload())),
            signed(Forge.token(
                    KEY, header("typ", "\"JWT\""), payload("sub", "\"bob\"", "realm_access", "{\"roles\":[]}"))),
            signed(Forge.token(PARTNERS, header(), payload("iss", quoted(PARTNER), "roles", "[\"admin\"]"))),
            signed(Forge.token(
                    RSA,
                    header("alg", "\"RS256\"", "kid", "\"rsa\""),
                    payload("iss", quoted(BROAD), "sub", "\"carol\"", "aud", "[\"shop-api\"]"))));

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());
    private final Tokens verifier = new Tokens();

    private static String signed(String token) {
        SIGNED.put(token, TestIssuers.user(ISSUERS, token));
        return token;
    }

    /** Whether it verified. */
    private boolean check(String authorization) {
        UserFact fact = TestIssuers.ask(verifier, ISSUERS, authorization);
        if (!(fact instanceof UserFact.Verified(User user))) {
            return false;
        }
        String token = authorization.substring("Bearer".length()).strip();
        assertThat(user).as(authorization).isEqualTo(SIGNED.get(token));
        return true;
    }

    private void checkTheGoodOnes() {
        for (String token : TOKENS) {
            assertThat(check("Bearer " + token)).isTrue();
        }
    }

    /** Each character of what is signed becomes each other one, where the signature is RSA's, which is checked fast; the other characters become several. */
    @Test
    void noTokenSurvivesTheChangeOfOneCharacter() {
        long start = System.nanoTime();
        int changes = 0;
        for (String token : List.of(TOKENS.getFirst(), TOKENS.getLast())) {
            boolean rsa = token.equals(TOKENS.getLast());
            for (int i = 0; i < token.length(); i++) {
                int step = rsa ? (i < token.lastIndexOf('.') ? 1 : 8) : 32;
                for (int j = i % step; j < CHARACTERS.length(); j += step) {
                    changes += changed(token, i, CHARACTERS.charAt(j));
                }
                for (int j = 0; j < NO_CHARACTERS.length(); j++) {
                    changes += changed(token, i, NO_CHARACTERS.charAt(j));
                }
            }
        }
        checkTheGoodOnes();
        System.out.printf(
                "TokenMutationTest: %d changes of one character, %d ms%n",
                changes, (System.nanoTime() - start) / 1_000_000);
        assertThat(changes).isGreaterThan(20_000);
    }

    /** How many changes that was. */
    private int changed(String token, int at, char to) {
        if (to == token.charAt(at)) {
            return 0;
        }
        String changed = token.substring(0, at) + to + token.substring(at + 1);
        assertThat(check("Bearer " + changed)).as(changed).isFalse();
        return 1;
    }

    @Test
    void noTokenSurvivesItsTruncation() {
        for (String token : TOKENS) {
            for (int i = 0; i < token.length(); i++) {
                assertThat(check("Bearer " + token.substring(0, i))).isFalse();
                assertThat(i > 0 && check("Bearer " + token.substring(i))).isFalse();
            }
        }
        checkTheGoodOnes();
    }

    @Test
    void damagedTokensProveNothingThatNobodySigned() {
        long start = System.nanoTime();
        int verified = 0;
        for (int i = 0; i < EXECUTIONS; i++) {
            String mutated = "";
            try {
                mutated = mutated(new SplittableRandom(seed + i));
                verified += check(mutated) ? 1 : 0;
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + (seed + i) + ": " + mutated, failure);
            }
            if (i % 1000 == 0) {
                checkTheGoodOnes();
            }
        }
        System.out.printf(
                "TokenMutationTest: seed %d, %d executions, %d verified, %d ms%n",
                seed, EXECUTIONS, verified, (System.nanoTime() - start) / 1_000_000);
        // Parts put together as they were, or blanks around a whole one: so the mutations are not all hopeless.
        assertThat(verified).as("verified, seed %d", seed).isBetween(1, EXECUTIONS / 2);
    }

    private static String one(SplittableRandom random) {
        return TOKENS.get(random.nextInt(TOKENS.size()));
    }

    private static String mutated(SplittableRandom random) {
        String token = one(random);
        for (int rounds = random.nextInt(1, 4); rounds > 0; rounds--) {
            token = switch (random.nextInt(10)) {
                case 0 -> inserted(random, token);
                case 1 -> cut(random, token);
                case 2 -> swapped(random, token);
                case 3, 4, 5 -> spliced(random, token);
                case 6 -> reencoded(random, token, 0);
                case 7 -> reencoded(random, token, 1);
                case 8 -> cased(random, token);
                default -> token + INSERTS.get(random.nextInt(INSERTS.size())).repeat(random.nextInt(1, 3));
            };
        }
        return List.of("Bearer ", "bearer ", "BEARER  ", "Bearer ").get(random.nextInt(4)) + token;
    }

    private static String inserted(SplittableRandom random, String token) {
        int at = random.nextInt(token.length() + 1);
        return token.substring(0, at) + INSERTS.get(random.nextInt(INSERTS.size())) + token.substring(at);
    }

    private static String cut(SplittableRandom random, String token) {
        int from = random.nextInt(token.length() + 1);
        int to = Math.min(token.length(), from + random.nextInt(1, 40));
        return token.substring(0, from) + token.substring(to);
    }

    private static String swapped(SplittableRandom random, String token) {
        String[] parts = token.split("\\.", -1);
        int a = random.nextInt(parts.length);
        int b = random.nextInt(parts.length);
        String first = parts[a];
        parts[a] = parts[b];
        parts[b] = first;
        return String.join(".", parts);
    }

    /** A part of another token in the place of its own. */
    private static String spliced(SplittableRandom random, String token) {
        String[] parts = token.split("\\.", -1);
        int at = random.nextInt(Math.min(3, parts.length));
        parts[at] = one(random).split("\\.", -1)[at];
        return String.join(".", parts);
    }

    private static String cased(SplittableRandom random, String token) {
        int at = random.nextInt(token.length() + 1);
        int to = Math.min(token.length(), at + random.nextInt(1, 20));
        return token.substring(0, at)
                + token.substring(at, to).toUpperCase(java.util.Locale.ROOT)
                + token.substring(to);
    }

    /** The same JSON, or nearly, in other octets. */
    private static String reencoded(SplittableRandom random, String token, int at) {
        String[] parts = token.split("\\.", -1);
        if (parts.length <= at) {
            return token;
        }
        String json;
        try {
            json = new String(Base64.getUrlDecoder().decode(parts[at]), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException damaged) {
            return token;
        }
        parts[at] = switch (random.nextInt(10)) {
            case 0 -> base64(json.replace(",", ", "));
            case 1 -> base64(json + "\n");
            case 2 -> base64(json.replace("alice", "\\u0061lice").replace("ES256", "\\u0045S256"));
            case 3 -> base64(json.replace("alice", "bob").replace("ES256", "none"));
            case 4 -> base64(json.replace("customer", "admin").replace("ES256", "HS256"));
            case 5 -> base64(json.replace("\"one\"", "\"rsa\"").replace("shop-api", "shop-app"));
            case 6 -> base64(json.replaceFirst("\\{", "{\"kid\":\"one\",\"sub\":\"bob\","));
            case 7 -> Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
            case 8 -> base64(json.getBytes(StandardCharsets.UTF_16));
            default -> base64("\ufeff" + json);
        };
        return String.join(".", parts);
    }
}
