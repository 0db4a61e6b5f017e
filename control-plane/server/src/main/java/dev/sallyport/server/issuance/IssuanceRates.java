package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How often certificates are signed: for one instance, so that one that has gone wrong fills no inventory; for one identity, because instances are whatever a sidecar calls itself;
 * and for all, because an authority has its pace. Spent only by who has proven an identity: strangers cannot use up what is somebody else's. Any thread; never blocks.
 */
final class IssuanceRates {
    /** Retries, restarts and rotations by hand, all at the same time. */
    static final int INSTANCE_AT_ONCE = 30;
    /** Renewals take fewer than two in a life. */
    private static final int INSTANCE_PER_LIFE = 10;

    /** A large service that is rolled out or rotated as a whole. */
    static final int IDENTITY_AT_ONCE = 2_000;

    private static final int IDENTITY_PER_SECOND = 50;

    /** Below what one core signs and the store writes, so that waiting is said and not suffered. */
    private static final int SIGNED_PER_SECOND = 500;

    static final int SIGNED_AT_ONCE = 1_000;
    /** Kept for first certificates: a new pod has nothing to serve with, a renewal has a quarter of a life left. */
    static final int KEPT_FOR_ENROLMENTS = 250;

    /** Kept for everybody else: a canary that comes a minute later harms nobody. */
    static final int KEPT_BEYOND_CANARIES = 500;

    /** Of instances and identities; who was forgotten starts full again, still under the bounds above it. */
    private static final int REMEMBERED_MAX = 20_000;

    private final LongSupplier nanoTime;
    private final Map<String, TokenBucket> instances = new Remembered();
    private final Map<String, TokenBucket> identities = new Remembered();
    private final TokenBucket all;

    IssuanceRates(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.all = new TokenBucket(SIGNED_PER_SECOND, SIGNED_AT_ONCE, nanoTime);
    }

    /** What was taken for one certificate. */
    record Spent(TokenBucket ofInstance, TokenBucket ofIdentity, TokenBucket all) {
        /** Nobody was at fault: attempts during an outage must not count when it is over. */
        void giveBack() {
            giveBackOfInstance();
            ofIdentity.giveBack();
            all.giveBack();
        }

        /** The request was at fault, or the authority's set-up: nothing fills the inventory, but how often the authority is asked stays bounded. */
        void giveBackOfInstance() {
            ofInstance.giveBack();
        }
    }

    /** Takes from all three, or from none. {@code life}: of the certificate that is asked for. A canary takes nothing of what its instance renews with. */
    Spent spend(Method method, SpiffeId identity, String instance, Duration life) throws ThrottledException {
        String asker = identity + " " + instance + (method == Method.CANARY ? " canary" : "");
        TokenBucket ofInstance = bucket(instances, asker, () -> {
            double perSecond = INSTANCE_PER_LIFE / (double) Math.max(1, life.toSeconds());
            return new TokenBucket(perSecond, INSTANCE_AT_ONCE, nanoTime);
        });
        TokenBucket ofIdentity = bucket(
                identities,
                identity.toString(),
                () -> new TokenBucket(IDENTITY_PER_SECOND, IDENTITY_AT_ONCE, nanoTime));
        refuse(ofInstance.takeAbove(0), "instance " + instance + " of " + identity + " got too many certificates");
        try {
            refuse(ofIdentity.takeAbove(0), identity + " got too many certificates");
            try {
                refuse(all.takeAbove(kept(method)), "more certificates are asked for than are signed at a time");
            } catch (ThrottledException e) {
                ofIdentity.giveBack();
                throw e;
            }
        } catch (ThrottledException e) {
            ofInstance.giveBack();
            throw e;
        }
        return new Spent(ofInstance, ofIdentity, all);
    }

    private static int kept(Method method) {
        return switch (method) {
            case JOIN_TOKEN, KUBERNETES -> 0;
            case RENEWAL -> KEPT_FOR_ENROLMENTS;
            case CANARY -> KEPT_BEYOND_CANARIES;
        };
    }

    private static void refuse(Optional<Duration> wait, String why) throws ThrottledException {
        if (wait.isPresent()) {
            throw new ThrottledException(why + " (expected: ask again later)", wait.get());
        }
    }

    private static TokenBucket bucket(Map<String, TokenBucket> buckets, String key, Supplier<TokenBucket> made) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(key, _ -> made.get());
        }
    }

    /** The longest unused goes first. */
    private static final class Remembered extends LinkedHashMap<String, TokenBucket> {
        private static final long serialVersionUID = 1;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }
}
