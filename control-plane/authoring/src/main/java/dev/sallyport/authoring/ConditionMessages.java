package dev.sallyport.authoring;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.sallyport.document.Nearest;
import dev.sallyport.policy.CheckedCondition;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What dev.cel says is wrong, in words that say what to write instead. */
final class ConditionMessages {
    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*");
    private static final Pattern FIELD = Pattern.compile("undefined field '(.*)'");
    private static final Pattern OVERLOAD =
            Pattern.compile("found no matching overload for '([^']*)' applied to '([^']*)' \\(candidates: (.*)\\)");
    private static final Pattern SYNTAX = Pattern.compile("(?:mismatched|extraneous) input '(.*)' expecting .*");

    private final ConditionTypes types;
    private final CelAbstractSyntaxTree tree;

    /** {@code tree}: parsed, not yet checked. */
    ConditionMessages(ConditionTypes types, CelAbstractSyntaxTree tree) {
        this.types = types;
        this.tree = tree;
    }

    /** The first error; those after it come from reading on in the wrong place. */
    static ConditionProblem syntax(CelValidationResult parsed) {
        return parsed.getErrors().stream()
                .findFirst()
                .map(issue -> {
                    String said = issue.getMessage();
                    boolean bound = said.contains("limit");
                    Matcher input = SYNTAX.matcher(said);
                    String what = input.matches() ? "unexpected " + token(input.group(1)) : said;
                    return at(
                            issue,
                            bound ? ConditionProblem.BOUND : ConditionProblem.FORM,
                            bound
                                    ? "too large or nested too deep (expected: at most 200 nodes, 32 levels)"
                                    : "syntax: " + what + " (expected: a CEL expression)");
                })
                .orElse(new ConditionProblem(
                        1, 1, ConditionProblem.FORM, "syntax: cannot be read (expected: a CEL expression)"));
    }

    private static String token(String text) {
        return text.equals("<EOF>") ? "end" : "'" + text + "'";
    }

    /** Every error of the types, in the order of the text, without those that only follow from another. */
    List<ConditionProblem> types(List<CelIssue> issues) {
        List<CelIssue> own = issues.stream()
                .filter(issue -> !issue.getMessage().contains("*error*"))
                .toList();
        return (own.isEmpty() ? issues : own)
                .stream().map(this::type).distinct().toList();
    }

    private ConditionProblem type(CelIssue issue) {
        String said = issue.getMessage();
        Matcher undeclared = UNDECLARED.matcher(said);
        if (undeclared.matches()) {
            return undeclared(issue, undeclared.group(1));
        }
        Matcher field = FIELD.matcher(said);
        if (field.matches()) {
            return field(issue, field.group(1));
        }
        Matcher overload = OVERLOAD.matcher(said);
        if (overload.matches()) {
            String operator = overload.group(1).replaceAll("^@|_", "");
            return at(
                    issue,
                    ConditionProblem.FORM,
                    readable(operator + " of " + overload.group(2)) + ": no such types (expected: "
                            + candidates(overload.group(3)) + ")");
        }
        return at(issue, ConditionProblem.FORM, readable(said) + " (expected: types that fit)");
    }

    private ConditionProblem undeclared(CelIssue issue, String name) {
        if (name.equals("matches")) {
            return at(
                    issue,
                    ConditionProblem.BOUND,
                    "matches: regular expressions are not part of conditions (expected: ==, in, startsWith, endsWith or"
                            + " contains)");
        }
        if (name.equals("user")) {
            return at(
                    issue,
                    ConditionProblem.USER,
                    "user: not proven here (expected: user: required, or conditions on the user, beside the when;"
                            + " unlessUser in a guardrail)");
        }
        boolean call = node(issue)
                .map(expr -> expr.getKind() == CelExpr.ExprKind.Kind.CALL)
                .orElse(false);
        return unknown(
                issue,
                name,
                call
                        ? CheckedCondition.functions().stream()
                                .filter(function -> Character.isLetter(function.charAt(0)))
                                .toList()
                        : types.variables().keySet());
    }

    private ConditionProblem field(CelIssue issue, String field) {
        String owner = node(issue)
                .filter(expr -> expr.getKind() == CelExpr.ExprKind.Kind.SELECT)
                .map(expr -> path(expr.select().operand()))
                .orElse("");
        return unknown(
                issue,
                owner + "." + field,
                types.fields(owner).stream().map(known -> owner + "." + known).toList());
    }

    private static ConditionProblem unknown(CelIssue issue, String word, Collection<String> known) {
        String instead = Nearest.to(word, known)
                .map(nearest -> "(did you mean " + nearest + "?)")
                .orElse("(expected: "
                        + (known.isEmpty()
                                ? "nothing of that kind is known here"
                                : "one of " + String.join(", ", new TreeSet<>(known)))
                        + ")");
        return at(issue, ConditionProblem.UNKNOWN, word + ": unknown " + instead);
    }

    private Optional<CelExpr> node(CelIssue issue) {
        return CelNavigableExpr.fromExpr(tree.getExpr())
                .allNodes()
                .map(CelNavigableExpr::expr)
                .filter(expr -> expr.id() == issue.getExprId())
                .findFirst();
    }

    /** {@code user.claims}. */
    private static String path(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> path(expr.select().operand()) + "." + expr.select().field();
            default -> "";
        };
    }

    /** Without the types that conditions do not have. */
    private static String candidates(String said) {
        return Stream.of(said.split("(?<=\\)),"))
                .filter(types -> !types.contains("uint") && !types.contains("bytes"))
                .map(ConditionMessages::readable)
                .map(types -> types.equals("(A, A)") ? "two of one type" : types)
                .collect(Collectors.joining(" or "));
    }

    private static String readable(String said) {
        return said.replace("google.protobuf.Timestamp", "timestamp")
                .replace("google.protobuf.Duration", "duration")
                .replaceAll("%([A-Z])\\d+", "$1");
    }

    private static ConditionProblem at(CelIssue issue, String code, String message) {
        return new ConditionProblem(
                Math.max(1, issue.getSourceLocation().getLine()),
                Math.max(0, issue.getSourceLocation().getColumn()) + 1,
                code,
                message);
    }
}
