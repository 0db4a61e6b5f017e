package dev.sallyport.policy;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code payment/charge/orders}: service, route, rule. Its text stands on every record and is made once, for the rules that are met. */
public final class RuleRef {
    private final String service;
    private final String route;
    private final String rule;
    private @Nullable String text; // Whoever makes it makes the same.

    public RuleRef(String service, String route, String rule) {
        this.service = service;
        this.route = route;
        this.rule = rule;
    }

    public String service() {
        return service;
    }

    public String route() {
        return route;
    }

    public String rule() {
        return rule;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RuleRef that
                && service.equals(that.service)
                && route.equals(that.route)
                && rule.equals(that.rule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(service, route, rule);
    }

    @Override
    public String toString() {
        String made = text;
        if (made == null) {
            made = service + "/" + route + "/" + rule;
            text = made;
        }
        return made;
    }
}
