package dev.sallyport.proxy.carry;

import dev.sallyport.policy.User;
import dev.sallyport.proxy.token.Voucher;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The journeys of a sidecar as a test needs them: how many there are, and as many more as there is room for. */
public final class Crowd {
    private final Journeys journeys;
    private final List<Journey> others = new ArrayList<>();

    private Crowd(Journeys journeys) {
        this.journeys = journeys;
    }

    public static Crowd at(Boarding boarding) throws ReflectiveOperationException {
        return new Crowd((Journeys) field(boarding, "journeys"));
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    static Journey journey(long number) {
        Instant end = Instant.now().plusSeconds(300);
        User user = new User(
                "shop", "user-" + number, List.of(), List.of(), Map.of(), Instant.EPOCH, end, List.of("orders"));
        return new Journey(
                new Journey.Handle(number, -1),
                new Journey.Span(number, -1, 1),
                new Voucher.Carried(
                        user, new Voucher.HopText("none".getBytes(StandardCharsets.US_ASCII), end), () -> true));
    }

    /** From now on there is no room. */
    public void fill() {
        for (long i = 0; ; i++) {
            Journey other = journey(i);
            if (!journeys.begin(other)) {
                return;
            }
            others.add(other);
        }
    }

    /** Room for one. */
    public void leave() {
        journeys.end(others.removeLast());
    }

    public void disperse() {
        others.forEach(journeys::end);
        others.clear();
    }

    /** Handles, spans and what is counted. */
    public List<Integer> sizes() throws ReflectiveOperationException {
        return List.of(
                ((Map<?, ?>) field(journeys, "byHandle")).size(),
                ((Map<?, ?>) field(journeys, "bySpan")).size(),
                journeys.size());
    }
}
