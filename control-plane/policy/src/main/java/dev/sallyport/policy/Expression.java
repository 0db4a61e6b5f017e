package dev.sallyport.policy;

import java.util.Set;

/** A checked CEL condition. */
final class Expression {
    enum Outcome {
        TRUE,
        FALSE,
        ERROR
    }

    static Expression of(String checked) {
        if (!checked.isEmpty()) {
            throw new IllegalArgumentException("when: not in this version of Sallyport");
        }
        return new Expression();
    }

    private Expression() {}

    Set<String> inputs() {
        return Set.of();
    }

    Outcome test(Evaluation evaluation) {
        return Outcome.ERROR;
    }
}
