package dev.sallyport.authoring;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.sallyport.policy.Mesh.ClaimType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The variables of conditions and their fields as types, so that a claim that nobody declares, or a number compared with a text, is an error before anyone depends on it. */
final class ConditionTypes implements CelTypeProvider {
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType TEXTS = ListType.create(TEXT);
    private static final CelType FIELDS = MapType.create(TEXT, TEXT);

    private static final StructType REQUEST =
            struct("Request", Map.of("method", TEXT, "host", TEXT, "path", TEXT, "headers", FIELDS, "query", FIELDS));
    private static final StructType CALLER = struct("Caller", Map.of("id", TEXT, "service", TEXT));
    private static final StructType USER = struct(
            "User",
            Map.of(
                    "sub",
                    TEXT,
                    "issuer",
                    TEXT,
                    "roles",
                    TEXTS,
                    "scopes",
                    TEXTS,
                    "via",
                    TEXTS,
                    "claims",
                    StructTypeReference.create("Claims")));

    private final ImmutableMap<String, StructType> types;
    private final ImmutableMap<String, CelType> variables;

    ConditionTypes(ConditionScope scope) {
        StructType path = struct(
                "Path", scope.pathVariables().stream().collect(Collectors.toMap(Function.identity(), _ -> TEXT)));
        ImmutableMap.Builder<String, StructType> known = ImmutableMap.builder();
        known.put("request", REQUEST).put("caller", CALLER).put("path", path);
        scope.claims().ifPresent(claims -> known.put("user", USER).put("user.claims", claims(claims)));
        types = known.buildOrThrow();
        ImmutableMap.Builder<String, CelType> named = ImmutableMap.builder();
        types.forEach((name, type) -> {
            if (!name.equals("user.claims")) {
                named.put(name, StructTypeReference.create(type.name()));
            }
        });
        variables = named.put("now", SimpleType.TIMESTAMP).buildOrThrow();
    }

    private static StructType claims(Map<String, ClaimType> declared) {
        return struct(
                "Claims",
                declared.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, claim -> type(claim.getValue()))));
    }

    private static StructType struct(String name, Map<String, CelType> fields) {
        ImmutableMap<String, CelType> known = ImmutableMap.copyOf(fields);
        return StructType.create(name, known.keySet(), field -> Optional.ofNullable(known.get(field)));
    }

    private static CelType type(ClaimType type) {
        return switch (type) {
            case STRING -> TEXT;
            case BOOL -> SimpleType.BOOL;
            case INT -> SimpleType.INT;
            case STRINGS -> TEXTS;
        };
    }

    /** By name. */
    Map<String, CelType> variables() {
        return variables;
    }

    /** The fields of {@code request}, {@code user.claims}, …; none of anything else. */
    Set<String> fields(String owner) {
        return Optional.ofNullable(types.get(owner))
                .<Set<String>>map(StructType::fieldNames)
                .orElse(Set.of());
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableMap.<String, CelType>copyOf(types).values();
    }

    @Override
    public Optional<CelType> findType(String name) {
        return types.values().stream()
                .filter(type -> type.name().equals(name))
                .<CelType>map(Function.identity())
                .findFirst();
    }
}
