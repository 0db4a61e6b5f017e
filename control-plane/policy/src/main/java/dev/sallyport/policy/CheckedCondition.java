package dev.sallyport.policy;

import com.google.protobuf.CodedOutputStream;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelProtoAbstractSyntaxTree;
import dev.cel.expr.CheckedExpr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Set;

/** The form in which a condition travels, for `authoring`, which compiles it: base64 of {@code cel.expr.CheckedExpr} without its source positions. Equal expressions are equal texts. */
public final class CheckedCondition {
    private CheckedCondition() {}

    /** Names of the functions that a condition may call, as dev.cel names them: {@code _&&_}, {@code startsWith}. */
    public static Set<String> functions() {
        return ExpressionRuntime.FUNCTIONS;
    }

    /** What a sidecar will accept. UnfitConditionException otherwise. */
    public static String encode(CelAbstractSyntaxTree ast) throws UnfitConditionException {
        ExpressionReader.read(ast);
        CheckedExpr checked = CelProtoAbstractSyntaxTree.fromCelAst(ast).toCheckedExpr().toBuilder()
                .clearSourceInfo()
                .build();
        byte[] bytes = new byte[checked.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization(); // a digest names a policy
        try {
            checked.writeTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What {@code checked} reads. IllegalArgumentException when it is none that a sidecar accepts. */
    public static ConditionInputs inputs(String checked) {
        return Expression.of(checked).inputs();
    }
}
