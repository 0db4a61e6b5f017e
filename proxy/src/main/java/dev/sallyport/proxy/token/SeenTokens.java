package dev.sallyport.proxy.token;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

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

    private boolean outlived(@org.jspecify.annotations.Nullable TokenDigest digest, Instant now) {
        Seen seen = digest == null ? null : tokens.get(digest);
        return seen != null && !now.isBefore(seen.expiresAt);
    }

    /** One event loop's view, with a digest of its own. */
    public final class View {
        private final TokenDigest digest = TokenDigest.create();

        /** A rule has let the application have the token of {@code head}: it may go on from there. */
        public void forwarded(RequestHead head) {
            Seen known = find(head);
            if (known != null) {
                known.forwarded = true;
            }
        }

        /** Whether {@code head} carries a user's token that no rule has let the application have. */
        public boolean withheld(RequestHead head) {
            Seen known = find(head);
            return known != null && !known.forwarded;
        }

        private @org.jspecify.annotations.Nullable Seen find(RequestHead head) {
            if (tokens.isEmpty() || head.count(Field.AUTHORIZATION) != 1) {
                return null;
            }
            int to = head.valueEnd(Field.AUTHORIZATION);
            int start = Bearer.tokenStart(head.array(), head.valueStart(Field.AUTHORIZATION), to);
            if (start < 0) {
                return null;
            }
            digest.of(head.array(), start, Bearer.tokenEnd(head.array(), start, to));
            return tokens.get(digest);
        }
    }

    /** For one event loop. */
    public View view() {
        return new View();
    }
}
