package dev.sallyport.benchmarks.pair;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The rules of service {@code backend}, the same for all who know rules. Two on each route, of which one names another caller. The route that is asked stands in the middle of the others, in order and by name: who tries one rule
 * after the other pays for half of them, as for a route chosen at random.
 *
 * @param count 1, which demands no user, or an even number from 6 on
 * @param audit of all routes but the one that takes bodies: {@code buffered}, {@code overlapped}, {@code required}
 */
public record Rules(int count, String audit) {
    /** What a Sallyport with everything on has. */
    public static final Rules FULL = of(20);

    /** One, and nobody's token is looked at. */
    public static final Rules MINIMAL = of(1);

    static final List<String> ROLES = List.of("customer", "operator");
    static final List<String> OTHERS_ROLES = List.of("operator");

    public Rules {
        if (count != 1 && (count < 6 || count % 2 != 0)) {
            throw new IllegalArgumentException("rules: " + count + " (expected: 1, or an even number from 6 on)");
        }
    }

    /** With records that are {@code buffered}. */
    public static Rules of(int count) {
        return new Rules(count, "buffered");
    }

    /**
     * @param path a template of the whole path, {@code {…}} for one segment
     * @param audit how its requests are recorded
     */
    record Route(String name, String method, String path, String audit) {}

    List<Route> routes() {
        int others = count / 2 - 2;
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            if (i == others / 2) {
                routes.add(new Route("bytes", "GET", "/bytes/{count}", audit));
            }
            String name = String.format(Locale.ROOT, i < others / 2 ? "a%04d" : "o%04d", i);
            routes.add(new Route(name, "GET", "/" + name + "/{id}", audit));
        }
        routes.add(new Route("sink", "PUT", "/sink", "buffered")); // overlapped is for safe methods
        return routes;
    }

    /** The {@code routes} of a RoutePolicy. */
    String document() {
        if (count == 1) {
            return """
                    all:
                      match: ["GET /bytes/{count}", "PUT /sink"]
                      audit: %s
                      allow:
                        load: {from: [load], user: none}
                """.formatted(audit);
        }
        StringBuilder text = new StringBuilder();
        for (Route route : routes()) {
            text.append("""
                    %s: {match: "%s %s", audit: %s, allow: {load: {from: [load], user: {issuer: bench, anyRole: [%s]}}, others: {from: [other], user: {issuer: bench, anyRole: [%s]}}}}
                """.formatted(
                            route.name,
                            route.method,
                            route.path,
                            route.audit,
                            String.join(", ", ROLES),
                            String.join(", ", OTHERS_ROLES)));
        }
        return text.toString();
    }
}
