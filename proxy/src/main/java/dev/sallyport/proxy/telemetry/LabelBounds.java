package dev.sallyport.proxy.telemetry;

import java.util.HashSet;
import java.util.Set;

/** How many values a label may have; the first ones have it, all others are {@link RequestKey#OVERFLOW}. Of one event loop. */
final class LabelBounds {
    static final int CALLERS_MAX = 100;
    static final int NAMES_MAX = 250;

    private final Set<String> callers = new HashSet<>();
    private final Set<String> templates = new HashSet<>();
    private final Set<String> routes = new HashSet<>();
    private final Set<String> rules = new HashSet<>();
    private final Set<String> services = new HashSet<>();
    private final Set<String> peers = new HashSet<>();
    private final Set<String> issuers = new HashSet<>();

    /** {@code key} itself where all its values are within their bounds. */
    RequestKey of(RequestKey key) {
        return new RequestKey(
                key.method(),
                key.reason(),
                key.status(),
                key.verdict(),
                key.allowed(),
                within(templates, key.template(), NAMES_MAX),
                within(routes, key.route(), NAMES_MAX),
                within(rules, key.rule(), NAMES_MAX),
                within(callers, key.caller(), CALLERS_MAX),
                within(services, key.service(), NAMES_MAX),
                within(peers, key.peer(), NAMES_MAX),
                key.version(),
                key.token(),
                within(issuers, key.issuer(), NAMES_MAX),
                key.observed(),
                key.flags(),
                key.candidate(),
                key.candidateReason(),
                within(rules, key.candidateRule(), NAMES_MAX));
    }

    private static String within(Set<String> known, String value, int most) {
        if (value.isEmpty() || known.contains(value)) {
            return value;
        }
        if (known.size() == most) {
            return RequestKey.OVERFLOW;
        }
        known.add(value);
        return value;
    }
}
