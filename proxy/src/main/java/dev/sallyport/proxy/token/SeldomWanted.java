package dev.sallyport.proxy.token;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * Passes on the first word of each issuer in {@link #EVERY}, and drops the rest: whoever sends made-up key ids costs a look into a map, not a message. Who is told is known once
 * this process is a member of its mesh; before that nobody is.
 */
public final class SeldomWanted implements KeyWanted {
    static final Duration EVERY = Duration.ofSeconds(30);
    /** A Mesh has at most 64 issuers; the rest is room for those of Meshes before. */
    static final int ISSUERS_MAX = 256;

    private final LongSupplier nanoTime;
    private final ConcurrentMap<String, Long> passedAt = new ConcurrentHashMap<>();
    private volatile KeyWanted told = _ -> {};

    /** {@code nanoTime}: {@code System::nanoTime} outside tests. */
    public SeldomWanted(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** From here on {@code listener} is told, on the thread that saw the token. */
    public void tell(KeyWanted listener) {
        told = listener;
    }

    @Override
    public void wanted(String issuerName) {
        long now = nanoTime.getAsLong();
        Long last = passedAt.get(issuerName);
        if (last != null && now - last < EVERY.toNanos()) {
            return;
        }
        if (last == null && passedAt.size() >= ISSUERS_MAX) {
            passedAt.values().removeIf(passed -> now - passed >= EVERY.toNanos());
            if (passedAt.size() >= ISSUERS_MAX) {
                return;
            }
        }
        // Of loops that see one at the same moment a single one passes it on.
        boolean first =
                last == null ? passedAt.putIfAbsent(issuerName, now) == null : passedAt.replace(issuerName, last, now);
        if (first) {
            told.wanted(issuerName);
        }
    }
}
