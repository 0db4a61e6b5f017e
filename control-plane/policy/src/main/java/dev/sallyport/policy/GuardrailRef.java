package dev.sallyport.policy;

/** {@code card-data/non-payment-callers}: guardrail, denial. */
public record GuardrailRef(String guardrail, String denial) {
    @Override
    public String toString() {
        return guardrail + "/" + denial;
    }
}
