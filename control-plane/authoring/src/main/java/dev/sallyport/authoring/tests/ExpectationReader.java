package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Expectation;
import dev.sallyport.authoring.tests.PolicyTest.Verdict;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.policy.Reason;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Reads what a decision must be: {@code expect: deny, reason: token_missing, status: 401}. */
final class ExpectationReader {
    private final References known;

    ExpectationReader(References known) {
        this.known = known;
    }

    /** Consumes the keys of an expectation and leaves the others. */
    Expectation read(Fields fields) {
        Verdict verdict = Verdict.valueOf(
                fields.oneOf("expect", null, "allow", "deny", "ask").toUpperCase(Locale.ROOT));
        Optional<Reason> reason = named(fields, "reason", known::reason);
        int status = fields.integer("status", 0, 200, 599);
        Expectation expected = new Expectation(
                verdict,
                named(fields, "rule", known::rule),
                reason,
                status == 0 ? OptionalInt.empty() : OptionalInt.of(status),
                named(fields, "guardrail", known::guardrail),
                named(fields, "observed", known::reason));
        only(fields, "guardrail", verdict, Verdict.DENY);
        only(fields, "observed", verdict, Verdict.ALLOW);
        if (reason.isPresent() && verdict == Verdict.DENY && reason.get() == Reason.ALLOWED) {
            fields.problem("reason", Codes.CONTRADICTION, "allowed, of a denial (expected: why it is denied)");
        }
        if (reason.isPresent() && verdict == Verdict.ALLOW && reason.get() != Reason.ALLOWED) {
            fields.problem(
                    "reason",
                    Codes.CONTRADICTION,
                    reason.get().code() + ", of an allow (expected: no reason, or observed: "
                            + reason.get().code() + " for what only mode: observe allows)");
        }
        return expected;
    }

    private static void only(Fields fields, String key, Verdict verdict, Verdict with) {
        if (fields.has(key) && verdict != with) {
            fields.problem(
                    key,
                    Codes.CONTRADICTION,
                    key + " with expect: " + word(verdict) + " (expected: only with expect: " + word(with) + ")");
        }
    }

    static String word(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }

    private static <T> Optional<T> named(Fields fields, String key, Function<Text, Optional<T>> read) {
        return fields.optionalText(key).flatMap(text -> read.apply(fields.placed(key, text)));
    }
}
