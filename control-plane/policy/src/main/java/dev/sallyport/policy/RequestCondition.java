package dev.sallyport.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** What a rule demands of the request itself, and of OPA last of all. */
sealed interface RequestCondition extends Condition {
    @Override
    default Stage stage() {
        return Stage.CONDITION;
    }

    /** The names of what it reads, as {@link Inputs} has them. */
    Set<String> reads();

    /** A header or a query parameter with one of these values. */
    record Field(FieldCondition.Kind kind, String field, SortedSet<String> oneOf) implements RequestCondition {
        @Override
        public Set<String> reads() {
            return Set.of((kind == FieldCondition.Kind.HEADER ? Inputs.HEADER : Inputs.QUERY) + field);
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            try {
                Optional<String> value = evaluation.value(kind, field);
                return value.isPresent() && oneOf.contains(value.get()) ? Reason.ALLOWED : Reason.CONDITION_FALSE;
            } catch (DoubtException doubt) {
                return Reason.CONDITION_ERROR;
            }
        }

        @Override
        public String name() {
            return (kind == FieldCondition.Kind.HEADER ? "headers." : "query.") + field;
        }

        @Override
        public String expected() {
            return oneOf.size() == 1 ? oneOf.first() : "one of " + oneOf;
        }

        @Override
        public String actual(Evaluation evaluation) {
            try {
                return evaluation.value(kind, field).orElse("absent");
            } catch (DoubtException doubt) {
                return String.valueOf(doubt.getMessage());
            }
        }
    }

    /** {@code when}: a CEL condition that is true. */
    record Cel(String source, Expression expression) implements RequestCondition {
        @Override
        public Set<String> reads() {
            return expression.inputs().recorded();
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return switch (expression.test(evaluation)) {
                case TRUE -> Reason.ALLOWED;
                case FALSE -> Reason.CONDITION_FALSE;
                case ERROR -> Reason.CONDITION_ERROR;
            };
        }

        @Override
        public String name() {
            return "when";
        }

        @Override
        public String expected() {
            return source;
        }

        @Override
        public String actual(Evaluation evaluation) {
            return switch (expression.test(evaluation)) {
                case TRUE -> "true";
                case FALSE -> "false" + shown(evaluation);
                case ERROR -> "it could not be evaluated" + shown(evaluation);
            };
        }

        /** The values that it was about. */
        private String shown(Evaluation evaluation) {
            String values = reads().stream()
                    .sorted()
                    .map(name -> name + " is " + evaluation.shown(name))
                    .collect(Collectors.joining(", "));
            return values.isEmpty() ? "" : ": " + values;
        }
    }

    /** {@code opa}: all else holds, and OPA said yes. */
    record Opa(OpaQuery query) implements RequestCondition {
        @Override
        public Set<String> reads() {
            return query.headers().stream().map(name -> Inputs.HEADER + name).collect(Collectors.toUnmodifiableSet());
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            Optional<OpaAnswer> answer = evaluation.facts().opa(query);
            return answer.isEmpty()
                    ? Reason.OPA_ERROR
                    : switch (answer.get()) {
                        case TRUE -> Reason.ALLOWED;
                        case FALSE -> Reason.OPA_DENIED;
                        case ERROR -> Reason.OPA_ERROR;
                    };
        }

        /** Nobody has asked yet. */
        boolean pending(Evaluation evaluation) {
            return evaluation.facts().opa(query).isEmpty();
        }

        @Override
        public String name() {
            return "opa";
        }

        @Override
        public String expected() {
            return query.path() + " of target " + query.target() + " is true";
        }

        @Override
        public String actual(Evaluation evaluation) {
            return evaluation
                    .facts()
                    .opa(query)
                    .map(answer -> answer.name().toLowerCase(Locale.ROOT))
                    .orElse("not asked");
        }
    }
}
