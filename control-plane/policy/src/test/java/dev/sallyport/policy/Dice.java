package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Seeded choices. One thread. */
record Dice(RandomGenerator random) {
    static Dice of(long seed) {
        return new Dice(new SplittableRandom(seed));
    }

    /** With a chance of one {@code in} so many. */
    boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    int upTo(int bound) {
        return random.nextInt(bound);
    }

    <T> T pick(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    <T> Optional<T> maybe(int in, Supplier<? extends @Nullable T> value) {
        return one(in) ? Optional.ofNullable(value.get()) : Optional.empty();
    }

    /** 1 to {@code most} of the items. */
    SortedSet<String> some(int most, List<String> items) {
        SortedSet<String> chosen = new TreeSet<>();
        for (int i = 1 + random.nextInt(most); i > 0; i--) {
            chosen.add(pick(items));
        }
        return chosen;
    }

    <T> List<T> times(int count, Supplier<? extends T> item) {
        List<T> made = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            made.add(item.get());
        }
        return made;
    }

    <T> List<T> sometimes(int in, Supplier<? extends T> item) {
        return times(one(in) ? 1 : 0, item);
    }

    static <T> List<T> join(Collection<T> some, Collection<T> others) {
        List<T> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
