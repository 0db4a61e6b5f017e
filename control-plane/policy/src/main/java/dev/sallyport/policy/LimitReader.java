package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.policy.RoutePolicy.Limit;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Reads {@code limit: {rate: 50/s, burst: 100, per: caller}}. */
final class LimitReader {
    /** More than one sidecar forwards. */
    private static final int REQUESTS_MAX = 1_000_000;

    private LimitReader() {}

    static Optional<Limit> read(Fields route) {
        return route.optionalFields("limit").map(limit -> {
            String rate = limit.text("rate");
            int requests = requests(rate);
            if (requests < 1 && !rate.isEmpty()) {
                limit.problem(
                        "rate",
                        Code.VALUE,
                        rate + " (expected: 1.." + REQUESTS_MAX + " requests per s, m or h, as 50/s)");
            }
            int burst = limit.integer("burst", Math.max(1, requests), 1, REQUESTS_MAX);
            String per = limit.oneOf("per", null, "caller", "user", "route");
            limit.done();
            return new Limit(requests, window(rate), burst, Limit.Per.valueOf(per.toUpperCase(Locale.ROOT)));
        });
    }

    /** {@code 50/s}. */
    static String rate(Limit limit) {
        return limit.requests() + "/"
                + (limit.window().toHours() > 0 ? "h" : limit.window().toMinutes() > 0 ? "m" : "s");
    }

    private static int requests(String rate) {
        int slash = rate.indexOf('/');
        boolean form = slash > 0
                && slash <= 7
                && rate.length() == slash + 2
                && "smh".indexOf(rate.charAt(slash + 1)) >= 0
                && rate.charAt(0) != '0'
                && rate.chars().limit(slash).allMatch(c -> c >= '0' && c <= '9');
        int requests = form ? Integer.parseInt(rate.substring(0, slash)) : 0;
        return requests <= REQUESTS_MAX ? requests : 0;
    }

    private static Duration window(String rate) {
        return rate.endsWith("h")
                ? Duration.ofHours(1)
                : rate.endsWith("m") ? Duration.ofMinutes(1) : Duration.ofSeconds(1);
    }
}
