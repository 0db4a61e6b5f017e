package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * The intermediate that signs, and the one that is to follow it, in two files. The next is made when half of the current one's life is over, and signs when a third of it is left, or at
 * once when the current one cannot. Every step is one rename: a crash leaves the step before or after it. Any thread.
 */
final class Intermediates {
    private static final String CURRENT = "intermediate.pem";
    private static final String NEXT = "next.pem";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /** Makes a signer below the root of the bundle. Whoever does the signing may be out of reach. */
    @FunctionalInterface
    interface Maker {
        Signer make(Instant now) throws IOException, AuthorityUnavailableException;
    }

    private final Path folder;
    private final KeyEncryption encryption;
    private final TrustBundle bundle;
    private final Clock clock;
    private final Maker maker;
    private final RandomGenerator random = RandomGenerator.getDefault();
    /** Held while the next one is made, which may take a server's time; never waited for. */
    private final ReentrantLock making = new ReentrantLock();

    /** Held while files are moved and the pair changes. */
    private final ReentrantLock changes = new ReentrantLock();

    private volatile Pair pair; // written under changes
    // Written under making.
    private volatile Optional<String> problem = Optional.empty();
    private int failures;
    private Instant tryAt = Instant.MIN;

    /** Both at one time. */
    record Pair(Optional<LeafSigner> current, Optional<LeafSigner> next) {
        /** The one that lasts longer. */
        Optional<Instant> lastEnd() {
            return next.or(() -> current)
                    .map(signer -> signer.intermediate().validity().notAfter());
        }
    }

    private Intermediates(Path folder, KeyEncryption encryption, TrustBundle bundle, Clock clock, Maker maker)
            throws IOException {
        this.folder = folder;
        this.encryption = encryption;
        this.bundle = bundle;
        this.clock = clock;
        this.maker = maker;
        this.pair = new Pair(load(CURRENT), load(NEXT));
    }

    /** With what the folder has; {@link #keepReady} makes the rest. IOException: a file there is not ours, or its certificate does not chain to the bundle. */
    static Intermediates open(Path folder, KeyEncryption encryption, TrustBundle bundle, Clock clock, Maker maker)
            throws IOException {
        return new Intermediates(folder, encryption, bundle, clock, maker);
    }

    private Optional<LeafSigner> load(String name) throws IOException {
        Path file = folder.resolve(name);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        Signer signer = Signer.load(file, encryption);
        LeafSigner leaves = new LeafSigner(signer, bundle, clock);
        if (signer.isValidAt(clock.instant())) {
            prove(leaves, file.toString());
        }
        return Optional.of(leaves);
    }

    private static void prove(LeafSigner leaves, String what) throws IOException {
        try {
            leaves.prove();
        } catch (IssuanceRefusedException e) {
            throw new IOException("authority: " + what + " cannot sign: " + e.getMessage(), e);
        }
    }

    /** The one that signs now; the next one takes over here when it is time. */
    LeafSigner signer() throws AuthorityUnavailableException {
        Instant now = clock.instant();
        Optional<String> stuck = takeOver(now);
        return pair.current()
                .filter(signer -> signer.intermediate().isValidAt(now))
                .orElseThrow(() -> new AuthorityUnavailableException(
                        "no valid intermediate at " + now + " (expected: one that was made in time)"
                                + stuck.or(this::problem).map(why -> "; " + why).orElse(""),
                        RETRY_AFTER));
    }

    Pair pair() {
        return pair;
    }

    /** What failed last when the next one was to be made, until one is. */
    Optional<String> problem() {
        return problem;
    }

    /** Makes the next one if it is due, and says when to ask again; a failure is kept as the problem. Who comes while another is at it goes on at once. */
    Instant keepReady() {
        Instant now = clock.instant();
        Optional<String> stuck = takeOver(now);
        Instant due = due(pair, now);
        if (due.isAfter(now)) {
            return due;
        }
        if (!making.tryLock()) {
            return now.plus(RETRY_AFTER);
        }
        try {
            if (tryAt.isAfter(now)) {
                return tryAt;
            }
            return stuck.isPresent() ? failed(now, Duration.ZERO, stuck.get()) : make(now);
        } finally {
            making.unlock();
        }
    }

    /** At a first start, where there is nothing to fall back on. */
    void makeFirst() throws IOException {
        Instant now = clock.instant();
        making.lock();
        try {
            store(maker.make(now));
        } catch (AuthorityUnavailableException e) {
            throw new IOException("first intermediate: " + e.getMessage(), e);
        } finally {
            making.unlock();
        }
        Optional<String> stuck = takeOver(now);
        if (stuck.isPresent()) {
            throw new IOException(stuck.get());
        }
    }

    private Instant make(Instant now) {
        try {
            store(maker.make(now));
            failures = 0;
            problem = Optional.empty();
            takeOver(now);
            return due(pair, now);
        } catch (AuthorityUnavailableException e) {
            return failed(now, e.retryAfter(), "next intermediate: " + e.getMessage());
        } catch (IOException e) {
            return failed(now, Duration.ZERO, "next intermediate: " + e.getMessage());
        }
    }

    private Instant failed(Instant now, Duration retryAfter, String why) {
        problem = Optional.of(why);
        failures++;
        Instant end = pair.lastEnd().orElse(now);
        Instant planned = RenewalSchedule.next(now, now, end, failures, random);
        Instant asked = now.plus(retryAfter);
        tryAt = planned.isAfter(asked) ? planned : asked;
        return tryAt;
    }

    /** Proven before anybody relies on it, on disk before it is shown. */
    private void store(Signer made) throws IOException {
        LeafSigner leaves = new LeafSigner(made, bundle, clock);
        prove(leaves, "the new intermediate");
        changes.lock();
        try {
            made.store(folder.resolve(NEXT), encryption);
            pair = new Pair(pair.current(), Optional.of(leaves));
        } finally {
            changes.unlock();
        }
    }

    /** If it is time. What hinders it is returned; the current one goes on as long as it lasts. */
    private Optional<String> takeOver(Instant now) {
        if (!takesOver(pair, now)) {
            return Optional.empty();
        }
        changes.lock();
        try {
            Pair before = pair;
            if (takesOver(before, now)) {
                Files.move(folder.resolve(NEXT), folder.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
                pair = new Pair(before.next(), Optional.empty());
                PrivateFiles.sync(folder);
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("next intermediate: cannot take over: " + e.getMessage());
        } finally {
            changes.unlock();
        }
    }

    private static boolean takesOver(Pair pair, Instant now) {
        boolean ready = pair.next()
                .filter(signer -> signer.intermediate().isValidAt(now))
                .isPresent();
        return ready
                && pair.current()
                        .map(signer -> !now.isBefore(takeOverAt(signer))
                                || !signer.intermediate().isValidAt(now))
                        .orElse(true);
    }

    /** When there is something to do: the next one takes over, or is made, which is at once where there is none. */
    private static Instant due(Pair pair, Instant now) {
        boolean hasNext = pair.next()
                .filter(next -> now.isBefore(next.intermediate().validity().notAfter()))
                .isPresent();
        return pair.current()
                .map(current -> hasNext ? takeOverAt(current) : pointOf(current.intermediate(), 1, 2))
                .orElse(Instant.MIN);
    }

    private static Instant takeOverAt(LeafSigner current) {
        return pointOf(current.intermediate(), 2, 3);
    }

    /** When {@code part / of} of a life is over. */
    private static Instant pointOf(Signer signer, int part, int of) {
        Validity life = signer.validity();
        return life.notBefore().plus(life.length().multipliedBy(part).dividedBy(of));
    }
}
