package dev.sallyport.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import dev.cel.runtime.standard.CelStandardOverload;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** dev.cel's planner with the functions of our conditions. What could grow a value without end is ours, and bounded. Loaded with the first condition, never before. Any thread. */
final class ExpressionRuntime {
    static final String AND = "_&&_";

    /** Every function of conditions. No regular expression, no dyn, no bytes. */
    static final Set<String> FUNCTIONS = Set.of(
            AND,
            "_||_",
            "!_",
            "_?_:_",
            "_==_",
            "_!=_",
            "_<_",
            "_<=_",
            "_>_",
            "_>=_",
            "_+_",
            "_-_",
            "_*_",
            "_/_",
            "_%_",
            "-_",
            "@in",
            ExpressionVocabulary.INDEX,
            "@not_strictly_false",
            "size",
            "contains",
            "startsWith",
            "endsWith",
            "int",
            "double",
            "string",
            "bool",
            "timestamp",
            "duration",
            "getFullYear",
            "getMonth",
            "getDate",
            "getDayOfMonth",
            "getDayOfWeek",
            "getDayOfYear",
            "getHours",
            "getMinutes",
            "getSeconds",
            "getMilliseconds");

    /** Regular expressions are code that a policy should not need, three functions undo the types, and one is ours. */
    private static final Set<StandardFunction> LEFT_OUT = Set.of(
            StandardFunction.MATCHES,
            StandardFunction.DYN,
            StandardFunction.BYTES,
            StandardFunction.UINT,
            StandardFunction.CONTAINS);

    private static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
            .setStandardFunctions(CelStandardFunctions.newBuilder()
                    .filterFunctions(ExpressionRuntime::included)
                    .build())
            .addFunctionBindings(
                    CelFunctionBinding.from("add_string", String.class, String.class, ExpressionRuntime::concat),
                    CelFunctionBinding.from("contains_string", String.class, String.class, ExpressionRuntime::contains),
                    CelFunctionBinding.from("add_list", List.class, List.class, ExpressionRuntime::concat))
            .build();

    private ExpressionRuntime() {}

    /** CelEvaluationException when a function is not among ours. */
    static CelRuntime.Program plan(CelAbstractSyntaxTree ast) throws CelEvaluationException {
        return RUNTIME.createProgram(ast);
    }

    private static boolean included(StandardFunction function, CelStandardOverload overload) {
        return !LEFT_OUT.contains(function) && overload != AddOverload.ADD_STRING && overload != AddOverload.ADD_LIST;
    }

    private static String concat(String a, String b) {
        if (a.length() + b.length() > ExpressionInput.TEXT_CHARACTERS_MAX) {
            throw new BeyondBoundError();
        }
        return a.concat(b);
    }

    private static List<?> concat(List<?> a, List<?> b) {
        if (a.size() + b.size() > ExpressionInput.LIST_ITEMS_MAX) {
            throw new BeyondBoundError();
        }
        List<Object> both = new ArrayList<>(a.size() + b.size());
        both.addAll(a);
        both.addAll(b);
        return both;
    }

    /**
     * In linear time (Knuth, Morris, Pratt). String.contains takes 2 ms for two headers of 4 KiB of which the one almost is within the other at each place, and an event loop waits.
     */
    private static boolean contains(String text, String part) {
        int[] borders = new int[part.length()];
        for (int i = 1, matched = 0; i < part.length(); i++) {
            matched = advance(part, borders, matched, part.charAt(i));
            borders[i] = matched;
        }
        int matched = 0;
        for (int i = 0; i < text.length() && matched < part.length(); i++) {
            matched = advance(part, borders, matched, text.charAt(i));
        }
        return matched == part.length();
    }

    /** How much of {@code part} has been read after {@code next}, when {@code matched} characters of it had been before. */
    private static int advance(String part, int[] borders, int matched, char next) {
        int still = matched;
        while (still > 0 && part.charAt(still) != next) {
            still = borders[still - 1];
        }
        return part.charAt(still) == next ? still + 1 : still;
    }
}
