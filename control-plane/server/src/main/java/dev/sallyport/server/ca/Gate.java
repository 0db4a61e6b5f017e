package dev.sallyport.server.ca;

import dev.sallyport.server.ca.Fleet.Seen;
import dev.sallyport.server.ca.Holdings.Holding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a phase waits for: every instance with a certificate that counts, connected or not. Pure. */
final class Gate {
    /** How long an answer may take, and may get lost. */
    private static final Duration UNANSWERED = Duration.ofSeconds(15);
    /** Who said no says it again unless somebody did something about it. */
    private static final Duration REFUSED = Duration.ofMinutes(5);

    /** An instance that a gate still waits for. {@code endsAt}: when it no longer counts by itself; {@code askAgain}: how long to leave it alone once it was asked. */
    record Missing(
            Instance instance,
            String name,
            boolean connected,
            boolean excluded,
            String reason,
            Instant endsAt,
            Duration askAgain) {}

    /** {@code total}: all that count; {@code missing}: by name, also those that are excluded. */
    record Report(int total, List<Missing> missing) {
        private static final int NAMED_MAX = 20;

        int passed() {
            return total - missing.size();
        }

        /** Of those who are missing, as a line for people. */
        String names() {
            String named = missing.stream().limit(NAMED_MAX).map(Missing::name).collect(Collectors.joining(", "));
            return missing.size() > NAMED_MAX ? named + " and " + (missing.size() - NAMED_MAX) + " more" : named;
        }

        /** Whether the rotation may go on. In an emergency nobody is waited for but those who are connected, and for whom there is {@code patience}. */
        boolean open(boolean emergency, Predicate<Instance> patience) {
            return missing.stream()
                    .filter(one -> !one.excluded())
                    .noneMatch(one -> !emergency || (one.connected() && patience.test(one.instance())));
        }
    }

    /** What is known of the fleet at one moment. */
    record Sight(Map<Instance, Seen> seen, Function<String, Optional<String>> services) {
        private Optional<Seen> of(Instance instance) {
            return Optional.ofNullable(seen.get(instance));
        }

        private String name(Instance instance) {
            return instance.name(services.apply(instance.identity()));
        }
    }

    private final Rotation rotation;
    private final Sight sight;

    Gate(Rotation rotation, Sight sight) {
        this.rotation = rotation;
        this.sight = sight;
    }

    /** Everybody has passed the canary, and so has what it takes to verify the next authority's leaves in both roles. */
    Report canaries(List<Holding> holdings, Map<Instance, Optional<String>> said) {
        List<Missing> missing = new ArrayList<>();
        for (Holding holding : holdings) {
            Optional<Optional<String>> answer = Optional.ofNullable(said.get(holding.instance()));
            if (answer.filter(Optional::isEmpty).isEmpty()) {
                String reason = answer.flatMap(Function.identity())
                        .map(why -> "refused the canary: " + why)
                        .orElseGet(() -> silence(holding.instance(), "has not answered yet"));
                Duration askAgain = answer.isPresent() ? REFUSED : UNANSWERED;
                missing.add(missing(holding.instance(), reason, holding.end(), askAgain));
            }
        }
        return new Report(holdings.size(), sorted(missing));
    }

    /** Everybody has shown a certificate of {@code generation}, or has no other. */
    Report certificates(List<Holding> holdings, int generation) {
        List<Missing> missing = new ArrayList<>();
        for (Holding holding : holdings) {
            if (!holding.isOn(generation)) {
                String reason = silence(
                        holding.instance(),
                        holding.newest().generation() == generation
                                ? "has not used its new certificate yet"
                                : "has no new certificate yet");
                Instant end = holding.endOfOthers(generation).orElse(holding.end());
                missing.add(missing(holding.instance(), reason, end, UNANSWERED));
            }
        }
        return new Report(holdings.size(), sorted(missing));
    }

    private Missing missing(Instance instance, String reason, Instant endsAt, Duration askAgain) {
        return new Missing(
                instance,
                sight.name(instance),
                sight.of(instance).filter(Seen::connected).isPresent(),
                excluded(instance),
                reason,
                endsAt,
                askAgain);
    }

    private boolean excluded(Instance instance) {
        return rotation.excluded().contains(sight.name(instance))
                || rotation.excluded().contains(instance.identity())
                || sight.services()
                        .apply(instance.identity())
                        .filter(rotation.excluded()::contains)
                        .isPresent();
    }

    private String silence(Instance instance, String whenConnected) {
        if (sight.services().apply(instance.identity()).isEmpty()) {
            return "the Mesh does not declare it";
        }
        Optional<Seen> seen = sight.of(instance);
        if (seen.isEmpty() || (!seen.get().connected() && seen.get().lastSeen().isEmpty())) {
            return "not connected since this control plane started";
        }
        if (!seen.get().connected()) {
            return "not connected since " + seen.get().lastSeen().get();
        }
        return seen.get().refused().map(why -> "refused the snapshot: " + why).orElse(whenConnected);
    }

    private static List<Missing> sorted(List<Missing> missing) {
        return missing.stream().sorted(Comparator.comparing(Missing::name)).toList();
    }
}
