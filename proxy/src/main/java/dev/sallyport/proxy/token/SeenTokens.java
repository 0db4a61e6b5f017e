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
 * The users' tokens that this sidecar has verified, by SHA-256: one that a rule kept from the application goes no further either, from wherever the application has it. One for all event loops of a sidecar; bounded, the oldest
 * goes first.
 */
public final class SeenTokens {
    private static final int TOKENS_MAX = 8192;

    /** Of one token. */
    private static final class Seen {
        private final Instant expiresAt;
        private volatile boolean forwarded;

        Seen(Instant expiresAt) {
            this.expiresAt = expiresAt;
        }
    }

    private final ConcurrentHashMap<TokenDigest, Seen> tokens = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<TokenDigest> oldest = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    void add(TokenDigest digest, Instant expiresAt, Instant now) {
        TokenDigest kept = digest.copy();
        if (tokens.putIfAbsent(kept, new Seen(expiresAt)) != null) {
            return;
        }
        oldest.add(kept);
        if (count.incrementAndGet() > TOKENS_MAX || outlived(oldest.peek(), now)) {
            TokenDigest gone = oldest.poll();
            if (gone != null) {
                tokens.remove(gone);
                count.decrementAndGet();
            }
        }
    }

    private boolean outlived(@Nullable TokenDigest digest, Instant now) {
        Seen seen = digest == null ? null : tokens.get(digest);
        return seen != null && !now.isBefore(seen.expiresAt);
    }

    /** One event loop's view, with a digest of its own. */
    public final class View {
        private final TokenDigest digest = TokenDigest.create();

        /** A rule has let the application have the token of {@code head}: it may go on from there. */
        public void forwarded(RequestHead head) {
            Seen known = head.count(Field.AUTHORIZATION) == 1 ? first(head) : null;
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

        private static boolean withheld(@Nullable Seen known) {
            return known != null && !known.forwarded;
        }

        private @Nullable Seen first(RequestHead head) {
            return find(head.array(), head.valueStart(Field.AUTHORIZATION), head.valueEnd(Field.AUTHORIZATION));
        }

        private @Nullable Seen find(byte[] bytes, int from, int to) {
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
