package dev.sallyport.policy;

import com.google.protobuf.CodedInputStream;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelProtoAbstractSyntaxTree;
import dev.cel.expr.CheckedExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A condition, ready to be evaluated: CEL that `authoring` checked, bounded again here, since a sidecar trusts no snapshot to be harmless. Immutable; any thread. Only this class and
 * what it uses touch dev.cel, so that a policy without conditions loads none of it.
 */
final class Expression {
    /** Rounds of all loops of one evaluation. */
    static final int ROUNDS_MAX = 100;

    /** Levels of protobuf messages: three for a level of the tree. */
    private static final int MESSAGE_NESTING_MAX = 3 * ExpressionReader.NESTING_MAX + 8;

    private final CelRuntime.Program program;
    private final Map<String, ExpressionInput> variables;
    private final ConditionInputs inputs;

    /** What a condition comes to. */
    enum Outcome {
        TRUE,
        FALSE,
        /** {@code condition_error}: an absent value was needed, a fact is in doubt, a bound was reached. */
        ERROR
    }

    private Expression(ExpressionReader.Plan plan) throws CelEvaluationException {
        this.program = ExpressionRuntime.plan(plan.ast());
        this.variables = plan.variables();
        this.inputs = ConditionInputs.of(variables.values());
    }

    /** {@code checked}: base64 of {@code cel.expr.CheckedExpr}. IllegalArgumentException for what is not a condition, or beyond a bound. */
    static Expression of(String checked) {
        int charactersMax = Bound.CHECKED_CHARACTERS.max();
        if (checked.length() > charactersMax) {
            throw new IllegalArgumentException(
                    "checked condition: " + checked.length() + " characters (expected: at most " + charactersMax + ")");
        }
        try {
            return new Expression(ExpressionReader.read(decode(checked)));
        } catch (UnfitConditionException unfit) {
            throw new IllegalArgumentException("checked condition: " + unfit.text(), unfit);
        } catch (IOException | CelEvaluationException | RuntimeException unreadable) {
            throw new IllegalArgumentException(
                    "checked condition: unreadable (expected: base64 of cel.expr.CheckedExpr)", unreadable);
        }
    }

    private static CelAbstractSyntaxTree decode(String checked) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(Base64.getDecoder().decode(checked));
        in.setRecursionLimit(MESSAGE_NESTING_MAX);
        return CelProtoAbstractSyntaxTree.fromCheckedExpr(CheckedExpr.parseFrom(in))
                .getAst();
    }

    ConditionInputs inputs() {
        return inputs;
    }

    /** Never throws. Asks {@code facts} for what the evaluation comes to, each at most once. */
    Outcome test(ExpressionFacts facts) {
        try {
            Object value = program.eval(new Values(facts));
            return value instanceof Boolean bool ? bool ? Outcome.TRUE : Outcome.FALSE : Outcome.ERROR;
        } catch (CelEvaluationException | RuntimeException | BeyondBoundError failed) {
            return Outcome.ERROR;
        }
    }

    /** The values of one evaluation, read as it comes to them. One thread. */
    private final class Values implements CelVariableResolver {
        private static final Optional<Object> TRUE = Optional.of(true);

        private final ExpressionFacts facts;
        private final Map<String, Optional<Object>> read = HashMap.newHashMap(variables.size());
        private int rounds;

        Values(ExpressionFacts facts) {
            this.facts = facts;
        }

        /** An absent value is an error of CEL's, which {@code ||} may absorb. One in doubt ends the evaluation. */
        @Override
        public Optional<Object> find(String name) {
            if (name.equals(ExpressionReader.ROUND)) {
                return round();
            }
            ExpressionInput input = variables.get(name);
            return input == null ? Optional.empty() : read.computeIfAbsent(name, _ -> read(input));
        }

        private Optional<Object> read(ExpressionInput input) {
            try {
                return input.read(facts);
            } catch (DoubtException | RuntimeException doubt) { // the latter is a mistake of ours
                throw new BeyondBoundError();
            }
        }

        private Optional<Object> round() {
            if (++rounds > ROUNDS_MAX) {
                throw new BeyondBoundError();
            }
            return TRUE;
        }
    }
}
