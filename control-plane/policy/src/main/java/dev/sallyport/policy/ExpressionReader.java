package dev.sallyport.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSource;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelList;
import dev.cel.common.ast.CelExpr.CelMap;
import dev.cel.common.ast.CelReference;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.sallyport.policy.UnfitConditionException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a checked expression apart, refuses what no condition may have, and puts together what is evaluated: each fact that it names has become one variable ({@code @0}), each round
 * of a loop reads {@code @round} first, so that the evaluation itself sees every fact and counts every round.
 */
final class ExpressionReader {
    /** Nodes of the tree, macros expanded. */
    static final int NODES_MAX = 200;

    /** Levels of the tree. */
    static final int NESTING_MAX = 32;

    /** The variable that each round of a loop reads; its value is true. */
    static final String ROUND = "@round";

    /** Where dev.cel's macros collect; no source text can name it. */
    private static final String ACCUMULATOR = "@result";

    private static final CelSource NO_SOURCE = CelSource.newBuilder("").build();

    private static final Set<String> TIMES = Set.of("timestamp", "duration");

    private final CelAbstractSyntaxTree ast;
    private final ExpressionVocabulary vocabulary;
    private final Map<ExpressionInput, String> names = new HashMap<>();
    private final Map<Long, CelReference> references = new HashMap<>();
    private final Map<Long, CelType> types = new HashMap<>();
    private final Set<String> locals = new HashSet<>();
    private long ids;
    private boolean inLoop;

    /** What is evaluated, and the input behind each of its variables. */
    record Plan(CelAbstractSyntaxTree ast, Map<String, ExpressionInput> variables) {}

    private ExpressionReader(CelAbstractSyntaxTree ast) {
        this.ast = ast;
        this.vocabulary = new ExpressionVocabulary(ast);
    }

    static Plan read(CelAbstractSyntaxTree ast) throws UnfitConditionException {
        CelNavigableExpr root = CelNavigableExpr.fromExpr(ast.getExpr());
        long nodes = root.allNodes().count();
        if (nodes > NODES_MAX) {
            throw unfit(Kind.BOUND, ast.getExpr(), nodes + " nodes (expected: at most " + NODES_MAX + ")");
        }
        if (root.height() >= NESTING_MAX) {
            throw unfit(
                    Kind.BOUND,
                    ast.getExpr(),
                    "nested " + (root.height() + 1) + " levels deep (expected: at most " + NESTING_MAX + ")");
        }
        if (!ast.isChecked() || !ast.getType(ast.getExpr().id()).equals(Optional.of(SimpleType.BOOL))) {
            throw unfit(
                    Kind.RESULT,
                    ast.getExpr(),
                    "a value of type "
                            + ast.getType(ast.getExpr().id()).map(CelType::name).orElse("unknown")
                            + " (expected: bool)");
        }
        return new ExpressionReader(ast).plan();
    }

    private Plan plan() throws UnfitConditionException {
        CelExpr expr = read(ast.getExpr());
        types.put(expr.id(), SimpleType.BOOL);
        Map<String, ExpressionInput> variables = HashMap.newHashMap(names.size());
        names.forEach((input, name) -> variables.put(name, input));
        return new Plan(CelAbstractSyntaxTree.newCheckedAst(expr, NO_SOURCE, references, types), Map.copyOf(variables));
    }

    private CelExpr read(CelExpr expr) throws UnfitConditionException {
        Optional<ExpressionInput> input = vocabulary.input(expr);
        if (input.isPresent()) {
            return named(input.get());
        }
        return switch (expr.getKind()) {
            case CONSTANT -> constant(expr);
            case IDENT -> local(expr);
            case CALL -> call(expr);
            case LIST -> list(expr);
            case MAP -> map(expr);
            case COMPREHENSION -> comprehension(expr);
            case SELECT, STRUCT, NOT_SET ->
                throw unfit(Kind.FORM, expr, "a field or message that is no fact (expected: facts, literals, calls)");
        };
    }

    private CelExpr named(ExpressionInput input) {
        return variable(names.computeIfAbsent(input, _ -> "@" + names.size()));
    }

    /** With an id of ours: of two nodes with one id, the one could speak for the other. */
    private CelExpr variable(String name) {
        references.put(++ids, CelReference.newBuilder().setName(name).build());
        types.put(ids, SimpleType.DYN);
        return CelExpr.ofIdent(ids, name);
    }

    private static CelExpr constant(CelExpr expr) throws UnfitConditionException {
        boolean known = switch (expr.constant().getKind()) {
            case BOOLEAN_VALUE, INT64_VALUE, DOUBLE_VALUE -> true;
            case STRING_VALUE -> expr.constant().stringValue().length() <= ExpressionInput.TEXT_CHARACTERS_MAX;
            default -> false;
        };
        if (!known) {
            throw unfit(Kind.FORM, expr, "a literal of another type (expected: a string, an int, a double or a bool)");
        }
        return expr;
    }

    private CelExpr local(CelExpr expr) throws UnfitConditionException {
        String name = expr.ident().name();
        if (!locals.contains(name)) {
            throw unfit(Kind.UNKNOWN, expr, name + ": unknown (expected: one of " + ExpressionVocabulary.ROOTS + ")");
        }
        return variable(name);
    }

    private CelExpr call(CelExpr expr) throws UnfitConditionException {
        CelCall call = expr.call();
        CelReference reference =
                ast.getReference(expr.id()).orElse(CelReference.newBuilder().build());
        if (!ExpressionRuntime.FUNCTIONS.contains(call.function())) {
            throw unfit(Kind.UNKNOWN, expr, call.function() + ": unknown (expected: a function of conditions)");
        }
        if (reference.overloadIds().size() != 1) {
            throw unfit(
                    Kind.FORM, expr, call.function() + ": of values whose types are not known (expected: one type)");
        }
        CelReference overload = CelReference.newBuilder()
                .addOverloadIds(reference.overloadIds())
                .build();
        if (TIMES.contains(call.function()) && call.args().stream().allMatch(ExpressionVocabulary::isText)) {
            return time(expr, overload);
        }
        CelCall.Builder read = CelCall.newBuilder().setFunction(call.function()).addArgs(read(call.args()));
        if (call.target().isPresent()) {
            read.setTarget(read(call.target().get()));
        }
        return call(read, overload);
    }

    private CelExpr call(CelCall.Builder call, CelReference overload) {
        references.put(++ids, overload);
        return CelExpr.newBuilder().setId(ids).setCall(call.build()).build();
    }

    /** Read once, here: one that cannot be read is a mistake of the author, and no request should find it. */
    private CelExpr time(CelExpr expr, CelReference overload) throws UnfitConditionException {
        CelAbstractSyntaxTree alone = CelAbstractSyntaxTree.newCheckedAst(
                expr, NO_SOURCE, Map.of(expr.id(), overload), Map.of(expr.id(), SimpleType.DYN));
        try {
            return named(
                    new ExpressionInput.Literal(ExpressionRuntime.plan(alone).eval()));
        } catch (CelEvaluationException unreadable) {
            throw unfit(
                    Kind.FORM,
                    expr,
                    "'" + expr.call().args().getFirst().constant().stringValue() + "' (expected: "
                            + "timestamp('2027-03-31T00:00:00Z'), or duration('1h30m'))");
        }
    }

    private CelExpr list(CelExpr expr) throws UnfitConditionException {
        CelList list = expr.list();
        atMost(expr, list.elements().size());
        return CelExpr.newBuilder()
                .setId(expr.id())
                .setList(CelList.newBuilder().addElements(read(list.elements())).build())
                .build();
    }

    private CelExpr map(CelExpr expr) throws UnfitConditionException {
        atMost(expr, expr.map().entries().size());
        CelMap.Builder map = CelMap.newBuilder();
        for (CelMap.Entry entry : expr.map().entries()) {
            map.addEntries(CelMap.Entry.newBuilder()
                    .setId(entry.id())
                    .setKey(read(entry.key()))
                    .setValue(read(entry.value()))
                    .build());
        }
        return CelExpr.newBuilder().setId(expr.id()).setMap(map.build()).build();
    }

    private CelExpr comprehension(CelExpr expr) throws UnfitConditionException {
        CelComprehension loop = expr.comprehension();
        if (inLoop) {
            throw unfit(Kind.BOUND, expr, "a loop in a loop (expected: one after the other)");
        }
        boolean names = loop.iterVar2().isEmpty()
                && loop.accuVar().equals(ACCUMULATOR)
                && !ExpressionVocabulary.ROOTS.contains(loop.iterVar())
                && !loop.iterVar().startsWith("@");
        if (!names) {
            throw unfit(Kind.FORM, expr, loop.iterVar() + ": the name of a loop's variable (expected: another one)");
        }
        CelExpr range = read(loop.iterRange());
        CelExpr init = read(loop.accuInit());
        inLoop = true;
        locals.addAll(List.of(loop.iterVar(), loop.accuVar()));
        CelExpr condition = counted(loop.loopCondition());
        CelExpr step = read(loop.loopStep());
        locals.remove(loop.iterVar());
        CelExpr result = read(loop.result());
        locals.remove(loop.accuVar());
        inLoop = false;
        return CelExpr.ofComprehension(expr.id(), loop.iterVar(), range, loop.accuVar(), init, condition, step, result);
    }

    /** {@code @round && condition}. */
    private CelExpr counted(CelExpr condition) throws UnfitConditionException {
        return call(
                CelCall.newBuilder().setFunction(ExpressionRuntime.AND).addArgs(variable(ROUND), read(condition)),
                CelReference.newBuilder().addOverloadIds("logical_and").build());
    }

    private List<CelExpr> read(List<CelExpr> exprs) throws UnfitConditionException {
        List<CelExpr> read = new ArrayList<>(exprs.size());
        for (CelExpr expr : exprs) {
            read.add(read(expr));
        }
        return read;
    }

    private static void atMost(CelExpr expr, int items) throws UnfitConditionException {
        if (items > ExpressionInput.LIST_ITEMS_MAX) {
            throw unfit(Kind.BOUND, expr, items + " items (expected: at most " + ExpressionInput.LIST_ITEMS_MAX + ")");
        }
    }

    private static UnfitConditionException unfit(Kind kind, CelExpr expr, String message) {
        return new UnfitConditionException(kind, expr.id(), message);
    }
}
