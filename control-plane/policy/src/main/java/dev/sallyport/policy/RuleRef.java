package dev.sallyport.policy;

/** {@code payment/charge/orders}: service, route, rule. */
public record RuleRef(String service, String route, String rule) {
    @Override
    public String toString() {
        return service + "/" + route + "/" + rule;
    }
}
