package dev.sallyport.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.sallyport.policy.ExpressionInput.Given;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.UnfitConditionException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which part of an expression names which fact: {@code request.headers['x']} is one input, read as one. */
final class ExpressionVocabulary {
    /** The variables. No loop variable takes their names. */
    static final Set<String> ROOTS = Set.of("request", "path", "user", "caller", "now");

    static final String INDEX = "_[_]";
    private static final String IN = "@in";

    private static final Map<CelType, ClaimType> CLAIM_TYPES = Map.of(
            SimpleType.STRING,
            ClaimType.STRING,
            SimpleType.BOOL,
            ClaimType.BOOL,
            SimpleType.INT,
            ClaimType.INT,
            ListType.create(SimpleType.STRING),
            ClaimType.STRINGS);

    private final CelAbstractSyntaxTree ast;

    ExpressionVocabulary(CelAbstractSyntaxTree ast) {
        this.ast = ast;
    }

    /** The fact that this node names as a whole; empty when it names none. UnfitConditionException when it begins as a fact and is none. */
    Optional<ExpressionInput> input(CelExpr expr) throws UnfitConditionException {
        if (expr.getKind() == CelExpr.ExprKind.Kind.SELECT && expr.select().testOnly()) {
            CelSelect has = expr.select();
            return Optional.of(presence(expr, append(chain(has.operand()), has.field())));
        }
        if (expr.getKind() == CelExpr.ExprKind.Kind.CALL) {
            CelCall call = expr.call();
            boolean pair = call.target().isEmpty() && call.args().size() == 2;
            if (pair && call.function().equals(IN) && isNamed(chain(call.args().get(1)))) {
                return Optional.of(presence(
                        expr,
                        append(
                                chain(call.args().get(1)),
                                literal(expr, call.args().get(0)))));
            }
            if (pair
                    && call.function().equals(INDEX)
                    && isNamed(chain(call.args().get(0)))) {
                literal(expr, call.args().get(1));
            }
        }
        List<String> chain = chain(expr);
        return chain.isEmpty() || !ROOTS.contains(chain.getFirst())
                ? Optional.empty()
                : Optional.of(input(expr, chain, claimType(expr)));
    }

    private static ExpressionInput presence(CelExpr expr, List<String> chain) throws UnfitConditionException {
        if (!chain.isEmpty()) {
            ExpressionInput of = input(expr, chain, Optional.empty());
            switch (of) {
                case ExpressionInput.Header _, ExpressionInput.Query _, ExpressionInput.Claim _ -> {
                    return new ExpressionInput.Presence(of);
                }
                default -> {} // always there
            }
        }
        throw new UnfitConditionException(
                Kind.FORM,
                expr.id(),
                "has(): of what is always there (expected: a header, a query parameter or a claim)");
    }

    private static ExpressionInput input(CelExpr expr, List<String> chain, Optional<ClaimType> type)
            throws UnfitConditionException {
        String last = chain.getLast();
        String container = String.join(".", chain.subList(0, chain.size() - 1));
        return switch (container) {
            case "" -> given(expr, last);
            case "request.headers" -> new ExpressionInput.Header(named(expr, FieldCondition.Kind.HEADER, last));
            case "request.query" -> new ExpressionInput.Query(named(expr, FieldCondition.Kind.QUERY, last));
            case "path" -> new ExpressionInput.PathVariable(last);
            case "user.claims" -> new ExpressionInput.Claim(last, type);
            default -> given(expr, container + "." + last);
        };
    }

    private static ExpressionInput given(CelExpr expr, String name) throws UnfitConditionException {
        return switch (name) {
            case "now" -> Given.NOW;
            case "request.method" -> Given.METHOD;
            case "request.host" -> Given.HOST;
            case "request.path" -> Given.PATH;
            case "caller.id" -> Given.CALLER_ID;
            case "caller.service" -> Given.CALLER_SERVICE;
            case "user.sub" -> Given.SUBJECT;
            case "user.issuer" -> Given.ISSUER;
            case "user.roles" -> Given.ROLES;
            case "user.scopes" -> Given.SCOPES;
            case "user.via" -> Given.VIA;
            case "request.headers", "request.query" ->
                throw new UnfitConditionException(
                        Kind.NAME,
                        expr.id(),
                        name + ": as a whole (expected: one by its literal name, as " + name + "['x'])");
            default ->
                throw new UnfitConditionException(
                        Kind.UNKNOWN,
                        expr.id(),
                        name + ": no value of its own (expected: request.method, request.host, request.path,"
                                + " request.headers['x'], request.query['x'], path.NAME, user.sub, user.issuer,"
                                + " user.roles, user.scopes, user.via, user.claims.NAME, caller.id, caller.service or now)");
        };
    }

    /** {@code [request, headers, x]} of {@code request.headers['x']} or {@code request.headers.x}; empty for what is no such chain. */
    private static List<String> chain(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> List.of(expr.ident().name());
            case SELECT ->
                expr.select().testOnly()
                        ? List.of()
                        : append(chain(expr.select().operand()), expr.select().field());
            case CALL -> {
                CelCall call = expr.call();
                boolean index = call.function().equals(INDEX)
                        && call.target().isEmpty()
                        && call.args().size() == 2
                        && isText(call.args().get(1));
                yield index
                        ? append(
                                chain(call.args().get(0)),
                                call.args().get(1).constant().stringValue())
                        : List.of();
            }
            default -> List.of();
        };
    }

    private static List<String> append(List<String> chain, String name) {
        if (chain.isEmpty()) {
            return chain;
        }
        List<String> longer = new ArrayList<>(chain);
        longer.add(name);
        return longer;
    }

    private static boolean isNamed(List<String> chain) {
        return chain.equals(List.of("request", "headers")) || chain.equals(List.of("request", "query"));
    }

    static boolean isText(CelExpr expr) {
        return expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE;
    }

    /** Only what is known when a policy is accepted can be read, recorded and reviewed. */
    private static String literal(CelExpr expr, CelExpr name) throws UnfitConditionException {
        if (!isText(name)) {
            throw new UnfitConditionException(
                    Kind.NAME,
                    expr.id(),
                    "a header or query parameter by a computed name (expected: a literal, as"
                            + " request.headers['x-tenant'])");
        }
        return name.constant().stringValue();
    }

    /** The names that a policy may ask for anywhere else, too: no credentials, no upper case. */
    private static String named(CelExpr expr, FieldCondition.Kind kind, String name) throws UnfitConditionException {
        Optional<String> refusal = FieldConditionReader.refusal(kind, name);
        if (refusal.isPresent()) {
            throw new UnfitConditionException(Kind.NAME, expr.id(), refusal.get());
        }
        return name;
    }

    private Optional<ClaimType> claimType(CelExpr expr) {
        return ast.getType(expr.id()).map(CLAIM_TYPES::get);
    }
}
