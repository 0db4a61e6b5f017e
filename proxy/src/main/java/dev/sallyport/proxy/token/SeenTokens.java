package dev.sallyport.proxy.token;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The users' tokens by which a rule has proven somebody here, by SHA-256: one that a rule kept from the application goes no further either, from wherever the application has it. One for all event loops of a sidecar; bounded, the oldest
 * goes first.
 */
public final class SeenTokens {
    private static final int TOKENS_MAX = 8192;

    /** One of them, by its digest. */
    static final class Token {
        private final TokenDigest digest;
        private final Instant expiresAt;
        private volatile boolean forwarded;

        Token(TokenDigest digest, Instant expiresAt) {
            this.digest = digest.copy();
            this.expiresAt = expiresAt;
        }
    }

    private final ConcurrentHashMap<TokenDigest, Token> tokens = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Token> oldest = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** A rule has proven its user. Not before: a token that somebody replays here is not taken from the application whose own it may be. {@code forwarded}: the rule lets the application have it. */
    void admitted(Token token, boolean forwarded, Instant now) {
        Token held = tokens.get(token.digest);
        if (held == null) {
            held = tokens.putIfAbsent(token.digest, token);
            if (held == null) {
                held = token;
                keep(token, now);
            }
        }
        if (forwarded) {
            held.forwarded = true;
        }
    }

    private void keep(Token token, Instant now) {
        oldest.add(token);
        Token first = oldest.peek();
        boolean outlived = first != null && !now.isBefore(first.expiresAt);
        if (count.incrementAndGet() > TOKENS_MAX || outlived) {
            Token gone = oldest.poll();
            if (gone != null) {
                tokens.remove(gone.digest, gone);
                count.decrementAndGet();
            }
        }
    }

    /** Whether a rule has proven the user of this token: to look at it again is no new cost that a stranger could make. */
    boolean knows(TokenDigest digest) {
        return tokens.containsKey(digest);
    }

    /** One event loop's view, with a digest of its own. */
    public final class View {
        private final TokenDigest digest = TokenDigest.create();

        /** A rule has proven the user of {@code voucher}, by a token that came with the request; {@code forwarded}: the application may have it. */
        public void admitted(Voucher.Verified voucher, boolean forwarded, Instant now) {
            SeenTokens.this.admitted(voucher.token(), forwarded, now);
        }

        /** A rule has let the application have the token of {@code head}: it may go on from there. */
        public void forwarded(RequestHead head) {
            Token known = head.count(Field.AUTHORIZATION) == 1 ? first(head) : null;
            if (known != null) {
                known.forwarded = true;
            }
        }

        /** Whether {@code head} carries a user's token that no rule has let the application have, in any of its fields: one behind another credential would go on as well. */
        public boolean withheld(RequestHead head) {
            int fields = tokens.isEmpty() ? 0 : head.count(Field.AUTHORIZATION);
            if (fields <= 1) {
                return fields == 1 && withheld(first(head));
            }
            return head.values(Field.AUTHORIZATION).stream()
                    .map(value -> value.getBytes(StandardCharsets.ISO_8859_1))
                    .anyMatch(value -> withheld(find(value, 0, value.length)));
        }

        private static boolean withheld(@Nullable Token known) {
            return known != null && !known.forwarded;
        }

        private @Nullable Token first(RequestHead head) {
            return find(head.array(), head.valueStart(Field.AUTHORIZATION), head.valueEnd(Field.AUTHORIZATION));
        }

        private @Nullable Token find(byte[] bytes, int from, int to) {
            int start = Bearer.tokenStart(bytes, from, to);
            if (start < 0) {
                return null;
            }
            digest.of(bytes, start, Bearer.tokenEnd(bytes, start, to));
            return tokens.get(digest);
        }
    }

    /** For one event loop. */
    public View view() {
        return new View();
    }
}
