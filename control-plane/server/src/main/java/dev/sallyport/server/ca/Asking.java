package dev.sallyport.server.ca;

import dev.sallyport.server.ca.Gate.Missing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Whom a gate asks, those first who were not asked yet, and how long an emergency has patience with each. Patience begins with the question: a large fleet is asked over a minute, and
 * who has not been asked cannot have answered. One thread at a time; any may {@link #forget}.
 */
final class Asking {
    /** What one who is connected has for its answer in an emergency. */
    static final Duration EMERGENCY_WAIT = Duration.ofSeconds(30);
    /** Enough for the largest fleet at the slowest pace; somebody always just connected, and an emergency must end. */
    static final Duration EMERGENCY_MAX = Duration.ofMinutes(10);

    private final Clock clock;
    private final Pace pace;
    private final Map<Instance, Instant> firstAsked = new ConcurrentHashMap<>();
    private Instant since;

    Asking(Clock clock, LongSupplier nanos) {
        this.clock = clock;
        this.since = clock.instant();
        this.pace = new Pace(nanos);
    }

    /** Another question, or more haste: everybody is asked again, and patience begins anew. */
    void restart() {
        pace.forgetAll();
        firstAsked.clear();
        since = clock.instant();
    }

    /** It has a new stream: what it was asked on the old one may be lost. */
    void forget(Instance instance) {
        pace.forget(instance);
    }

    /** Of {@code missing}, in a fleet of {@code size}, as many as the pace allows. */
    void ask(List<Missing> missing, int size, Consumer<Instance> question) {
        List<Missing> order = missing.stream()
                .filter(Missing::connected)
                .sorted(Comparator.comparing(one -> firstAsked.containsKey(one.instance())))
                .toList();
        for (Missing one : order) {
            if (pace.take(one.instance(), size, one.askAgain())) {
                firstAsked.putIfAbsent(one.instance(), clock.instant());
                question.accept(one.instance());
            }
        }
    }

    /** Whether {@code instance}, which is connected, still has time in an emergency. */
    boolean patient(Instance instance) {
        Instant now = clock.instant();
        Instant asked = firstAsked.getOrDefault(instance, now);
        return now.isBefore(asked.plus(EMERGENCY_WAIT)) && now.isBefore(since.plus(EMERGENCY_MAX));
    }
}
