package dev.sallyport.policy;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.Map;
import java.util.Optional;

/** CEL text to expression, without the checks that only `authoring` makes: what a sidecar must refuse on its own reaches it here. */
final class TestConditions {
    private static final CelType TEXTS = ListType.create(SimpleType.STRING);

    private static final Map<String, CelType> TYPES = Map.of(
            "Request",
            struct(
                    "Request",
                    ImmutableMap.of(
                            "method",
                            SimpleType.STRING,
                            "host",
                            SimpleType.STRING,
                            "path",
                            SimpleType.STRING,
                            "headers",
                            MapType.create(SimpleType.STRING, SimpleType.STRING),
                            "query",
                            MapType.create(SimpleType.STRING, SimpleType.STRING))),
            "Path",
            struct(
                    "Path",
                    ImmutableMap.of("id", SimpleType.STRING, "customer", SimpleType.STRING, "x", SimpleType.STRING)),
            "Caller",
            struct("Caller", ImmutableMap.of("id", SimpleType.STRING, "service", SimpleType.STRING)),
            "User",
            struct(
                    "User",
                    ImmutableMap.of(
                            "sub",
                            SimpleType.STRING,
                            "issuer",
                            SimpleType.STRING,
                            "roles",
                            TEXTS,
                            "scopes",
                            TEXTS,
                            "via",
                            TEXTS,
                            "claims",
                            StructTypeReference.create("Claims"))),
            "Claims",
            struct(
                    "Claims",
                    ImmutableMap.of(
                            "dept",
                            SimpleType.STRING,
                            "level",
                            SimpleType.INT,
                            "mfa",
                            SimpleType.BOOL,
                            "staff",
                            SimpleType.BOOL,
                            "amr",
                            TEXTS)));

    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(CelOptions.current()
                    .enableCompileTimeOverloadResolution(true)
                    .maxParseRecursionDepth(300)
                    .build())
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setTypeProvider(new CelTypeProvider() {
                @Override
                public ImmutableCollection<CelType> types() {
                    return ImmutableSet.copyOf(TYPES.values());
                }

                @Override
                public Optional<CelType> findType(String name) {
                    return Optional.ofNullable(TYPES.get(name));
                }
            })
            .addVar("request", StructTypeReference.create("Request"))
            .addVar("path", StructTypeReference.create("Path"))
            .addVar("caller", StructTypeReference.create("Caller"))
            .addVar("user", StructTypeReference.create("User"))
            .addVar("now", SimpleType.TIMESTAMP)
            .build();

    private TestConditions() {}

    private static CelType struct(String name, ImmutableMap<String, CelType> fields) {
        return StructType.create(name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    static CelAbstractSyntaxTree ast(String source) {
        try {
            return COMPILER.compile(source).getAst();
        } catch (CelValidationException invalid) {
            throw new IllegalArgumentException(source + ": " + invalid.getMessage(), invalid);
        }
    }

    /** As a sidecar gets it. */
    static String checked(String source) {
        try {
            return CheckedCondition.encode(ast(source));
        } catch (UnfitConditionException unfit) {
            throw new IllegalArgumentException(source + ": " + unfit.text(), unfit);
        }
    }

    static Expression expression(String source) {
        return Expression.of(checked(source));
    }
}
