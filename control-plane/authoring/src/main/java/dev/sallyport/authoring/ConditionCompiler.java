package dev.sallyport.authoring;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.sallyport.policy.CheckedCondition;
import dev.sallyport.policy.UnfitConditionException;
import java.util.List;
import java.util.Optional;

/** CEL text to what travels in a snapshot, for one scope: parsed, typed, bounded. One text takes milliseconds at most, whatever it holds. Any thread. */
final class ConditionCompiler {
    /** Of one condition's text. */
    static final int SOURCE_CHARS_MAX = 4096;

    /** Beyond what a tree may have by so much that bounds of ours have the word, and little enough for every stack. */
    private static final CelOptions OPTIONS = CelOptions.current()
            .maxParseRecursionDepth(64)
            .maxParseExpressionNodeCount(800)
            .maxParseErrorRecoveryLimit(4)
            .enableCompileTimeOverloadResolution(true)
            .build();

    private static final CelStandardDeclarations FUNCTIONS = CelStandardDeclarations.newBuilder()
            .filterFunctions((function, _) -> CheckedCondition.functions()
                    .contains(function.functionDecl().name()))
            .filterIdentifiers(_ -> false)
            .build();

    private final ConditionTypes types;
    private final CelCompiler cel;

    /** What a text comes to. */
    sealed interface Result {
        /** Base64 of {@code cel.expr.CheckedExpr}. */
        record Checked(String expression) implements Result {}

        /** At least one problem, in the order of the text. */
        record Refused(List<ConditionProblem> problems) implements Result {
            public Refused {
                problems = List.copyOf(problems);
            }
        }
    }

    ConditionCompiler(ConditionScope scope) {
        types = new ConditionTypes(scope);
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(FUNCTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types);
        types.variables().forEach(builder::addVar);
        cel = builder.build();
    }

    Result compile(String source) {
        if (source.length() > SOURCE_CHARS_MAX) {
            return refused(new ConditionProblem(
                    1,
                    1,
                    ConditionProblem.BOUND,
                    source.length() + " characters (expected: at most " + SOURCE_CHARS_MAX + ")"));
        }
        CelValidationResult parsed = cel.parse(source);
        if (parsed.hasError()) {
            return refused(ConditionMessages.syntax(parsed));
        }
        try {
            CelAbstractSyntaxTree tree = parsed.getAst();
            CelValidationResult checked = cel.check(tree);
            return checked.hasError()
                    ? new Result.Refused(new ConditionMessages(types, tree).types(checked.getErrors()))
                    : encode(checked.getAst());
        } catch (CelValidationException invalid) {
            throw new IllegalStateException("a valid expression has no errors", invalid);
        }
    }

    private static Result encode(CelAbstractSyntaxTree tree) {
        try {
            return new Result.Checked(CheckedCondition.encode(tree));
        } catch (UnfitConditionException unfit) {
            String code = switch (unfit.kind()) {
                case FORM -> ConditionProblem.FORM;
                case BOUND -> ConditionProblem.BOUND;
                case UNKNOWN -> ConditionProblem.UNKNOWN;
                case NAME -> ConditionProblem.NAME;
                case RESULT -> ConditionProblem.RESULT;
            };
            CelSourceLocation place = Optional.ofNullable(
                            tree.getSource().getPositionsMap().get(unfit.exprId()))
                    .flatMap(tree.getSource()::getOffsetLocation)
                    .orElse(CelSourceLocation.of(1, 0));
            return refused(new ConditionProblem(place.getLine(), place.getColumn() + 1, code, unfit.text()));
        }
    }

    private static Result refused(ConditionProblem problem) {
        return new Result.Refused(List.of(problem));
    }
}
