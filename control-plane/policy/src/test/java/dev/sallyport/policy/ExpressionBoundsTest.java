package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelProtoAbstractSyntaxTree;
import dev.cel.expr.CheckedExpr;
import dev.cel.expr.Constant;
import dev.cel.expr.Expr;
import dev.cel.expr.Reference;
import dev.cel.expr.Type;
import dev.sallyport.policy.Expression.Outcome;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bound from both sides; what `authoring` refuses a sidecar refuses as well, also when nobody compiled it. */
@Timeout(20)
class ExpressionBoundsTest {
    private static final long SEED = 20261124;
    private static final TestExpressionFacts FACTS =
            TestExpressionFacts.headers(Map.of("x", "a".repeat(2048), "short", "a"));

    @Test
    void treeMayHaveTwoHundredNodes() {
        assertThat(outcome("true" + " || true".repeat(99))).isEqualTo(Outcome.TRUE); // 199
        assertThat(outcome("!true" + " || true".repeat(99))).isEqualTo(Outcome.TRUE); // 200
        assertThat(refused("!true" + " || !true" + " || true".repeat(98)))
                .isEqualTo("201 nodes (expected: at most 200)");
    }

    @Test
    void treeMayBeThirtyTwoLevelsDeep() {
        assertThat(outcome("1" + " + 1".repeat(30) + " > 0")).isEqualTo(Outcome.TRUE);
        assertThat(refused("1" + " + 1".repeat(31) + " > 0")).isEqualTo("nested 33 levels deep (expected: at most 32)");
    }

    /** Maps cost most protobuf levels: a tree that is accepted must be readable where it is used. */
    @Test
    void deepestMapIsReadBack() {
        assertThat(outcome("{1: ".repeat(29) + "1" + "}".repeat(29) + ".size() == 1"))
                .isEqualTo(Outcome.TRUE);
    }

    @Test
    void literalListMayHaveSixtyFourItems() {
        assertThat(outcome("1 in [" + numbers(64) + "]")).isEqualTo(Outcome.TRUE);
        assertThat(refused("1 in [" + numbers(65) + "]")).isEqualTo("65 items (expected: at most 64)");
    }

    @ParameterizedTest
    @CsvSource({"64,36,TRUE", "64,37,ERROR", "36,64,TRUE"})
    void loopsMayTakeAHundredRoundsTogether(int roles, int scopes, Outcome expected) {
        User many = new User(
                "shop",
                "alice",
                Collections.nCopies(roles, "r"),
                Collections.nCopies(scopes, "s"),
                Map.of(),
                TestExpressionFacts.NOW,
                TestExpressionFacts.NOW);
        String loops = "user.roles.all(r, r == 'r') && user.scopes.all(s, s == 's')";
        assertThat(TestConditions.expression(loops).test(FACTS.as(many))).isEqualTo(expected);
        // Nothing absorbs it: what was not looked at to the end is in doubt.
        assertThat(TestConditions.expression("(" + loops + ") || true").test(FACTS.as(many)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user.roles.all(r, user.scopes.exists(s, s == r))",
                "user.roles.exists(r, user.roles.filter(s, s == r).size() == 1)",
                "user.roles.map(r, user.roles.map(s, s + r)).size() == 2",
                "user.roles.all(a, user.roles.all(b, user.roles.all(c, user.roles.all(d, a + b + c + d != ''))))"
            })
    void loopInALoopIsRefused(String source) {
        assertThat(refused(source)).isEqualTo("a loop in a loop (expected: one after the other)");
    }

    @Test
    void loopAfterALoopIsNone() {
        assertThat(outcome("user.roles.map(r, r + '!').filter(r, r != 'a').exists(r, r == 'finance!')"))
                .isEqualTo(Outcome.TRUE);
    }

    @Test
    void textMayGrowToFourKibibytes() {
        assertThat(outcome("(request.headers['x'] + request.headers['x']).size() == 4096"))
                .isEqualTo(Outcome.TRUE);
        String longer = "(request.headers['x'] + request.headers['x'] + 'a').size() == 4097";
        assertThat(outcome(longer)).isEqualTo(Outcome.ERROR);
        assertThat(outcome(longer + " || true")).isEqualTo(Outcome.ERROR);
    }

    /** Two headers are enough for an attacker to search in quadratic time, if the search lets them. */
    @Test
    void searchingTakesTimeByTheLengthAlone() {
        TestExpressionFacts facts =
                TestExpressionFacts.headers(Map.of("text", "a".repeat(4096), "part", "a".repeat(2047) + "b"));
        Expression expression = TestConditions.expression("request.headers['text'].contains(request.headers['part'])");
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertThat(expression.test(facts)).isEqualTo(Outcome.FALSE);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void searchingFindsWhatIsThere() {
        SplittableRandom random = new SplittableRandom(SEED);
        Expression expression = TestConditions.expression("request.headers['text'].contains(request.headers['part'])");
        for (int i = 0; i < 5000; i++) {
            String text = word(random, 20);
            String part = word(random, 5);
            assertThat(expression.test(TestExpressionFacts.headers(Map.of("text", text, "part", part))))
                    .as("seed %d: %s in %s", SEED, part, text)
                    .isEqualTo(text.contains(part) ? Outcome.TRUE : Outcome.FALSE);
        }
    }

    private static String word(SplittableRandom random, int lengthMax) {
        return random.ints(random.nextInt(lengthMax + 1), 'a', 'c')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    @Test
    void listMayGrowToSixtyFourItems() {
        String list = "[" + numbers(40) + "]";
        assertThat(outcome("(" + list + " + [" + numbers(24) + "]).size() == 64"))
                .isEqualTo(Outcome.TRUE);
        assertThat(outcome("(" + list + " + [" + numbers(25) + "]).size() == 65"))
                .isEqualTo(Outcome.ERROR);
    }

    /** No macro does this, and a snapshot could still carry it: 2^64 characters after 64 rounds. */
    @Test
    void accumulatorThatDoublesItselfEndsAtTheBound() {
        Expr accumulator = ident(20, "@result");
        CheckedExpr bomb = CheckedExpr.newBuilder()
                .setExpr(call(
                        1,
                        "_==_",
                        Expr.newBuilder()
                                .setId(2)
                                .setComprehensionExpr(Expr.Comprehension.newBuilder()
                                        .setIterVar("i")
                                        .setAccuVar("@result")
                                        .setIterRange(list(64))
                                        .setAccuInit(text(4, "aa"))
                                        .setLoopCondition(bool(5))
                                        .setLoopStep(call(6, "_+_", accumulator, ident(21, "@result")))
                                        .setResult(ident(22, "@result")))
                                .build(),
                        text(3, "a")))
                .putReferenceMap(1, overload("equals"))
                .putReferenceMap(6, overload("add_string"))
                .putTypeMap(1, BOOL)
                .build();
        assertThat(Expression.of(encode(bomb)).test(FACTS)).isEqualTo(Outcome.ERROR);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '"', textBlock = """
            request.path.matches('a+')                         → matches: unknown
            matches(request.path, 'a+')                        → matches: unknown
            dyn(1) == dyn('a')                                 → dyn: unknown
            type(1) == int                                     → unknown
            b'a' == b'a'                                       → a literal of another type
            1u < 2u                                            → a literal of another type
            null == null                                       → a literal of another type
            request.headers[path.id] == 'a'                    → by a computed name
            request.query['a' + 'b'] == 'a'                    → by a computed name
            path.id in request.headers                         → by a computed name
            request.headers['X-Tenant'] == 'a'                 → X-Tenant (expected: lower case, x-tenant)
            'X-Tenant' in request.headers                      → X-Tenant (expected: lower case, x-tenant)
            request.headers[''] == 'a'                         → (expected: a header's name, as x-tenant
            request.headers['authorization'] != ''             → authorization: carries an identity
            'cookie' in request.headers                        → cookie: carries an identity
            request.query['a b'] == ''                         → a b (expected: a parameter's name
            request.headers.size() < 10                        → request.headers: as a whole
            request.headers == {'a': 'b'}                      → request.headers: as a whole
            request.query.all(q, q != 'x')                     → request.query: as a whole
            request == request                                 → request: no value of its own
            user.claims == user.claims                         → user.claims: no value of its own
            now < timestamp('yesterday')                       → 'yesterday' (expected: timestamp('2027-03-31T00:00:00Z')
            now - now < duration('1 hour')                     → '1 hour' (expected: timestamp(
            has(user.sub)                                      → has(): of what is always there
            has({'a': 1}.a)                                    → has(): of what is always there
            {'a': 1}.a == 1                                    → a field or message that is no fact
            user.roles.exists(user, user == 'a')               → user: the name of a loop's variable
            user.roles.exists(now, now == 'a')                 → now: the name of a loop's variable
            request.path                                       → a value of type string (expected: bool)
            """)
    void whatNoConditionMayHaveIsRefused(String source, String message) {
        assertThat(refused(source)).contains(message).contains("(expected: ");
    }

    @Test
    void handMadeTreesAreRefusedWhateverTheirTypesSay() {
        assertThat(refused(checked(ident(1, "nobody")))).contains("nobody: unknown");
        assertThat(refused(checked(ident(1, ".user")))).contains(".user: unknown");
        assertThat(refused(checked(ident(1, "@0")))).contains("@0: unknown");
        assertThat(refused(checked(ident(1, ExpressionReader.ROUND)))).contains("@round: unknown");
        assertThat(refused(checked(call(1, "orValue", bool(2), bool(3))))).contains("orValue: unknown");
        assertThat(refused(checked(call(1, "cel.@block", list(1), bool(3))))).contains("cel.@block: unknown");
        assertThat(refused(checked(call(1, "_==_", bool(2), bool(3))))).contains("types are not known");
        assertThat(refused(checked(bool(1)).toBuilder().clearTypeMap().build())).contains("expected: bool");
        assertThat(refused(CheckedExpr.getDefaultInstance())).contains("expected: bool");
    }

    /** With the constant that a reference may carry, an expression would not say what it reads. */
    @Test
    void constantBehindAReferenceIsNotUsed() {
        CheckedExpr expr = checked(Expr.newBuilder()
                        .setId(1)
                        .setCallExpr(Expr.Call.newBuilder()
                                .setFunction("_==_")
                                .addArgs(fact(2, "request", "method"))
                                .addArgs(text(3, "GET")))
                        .build())
                .toBuilder()
                .putReferenceMap(1, overload("equals"))
                .putReferenceMap(
                        2,
                        Reference.newBuilder()
                                .setValue(Constant.newBuilder().setStringValue("GET"))
                                .build())
                .build();
        assertThat(Expression.of(encode(expr)).test(FACTS)).isEqualTo(Outcome.FALSE);
    }

    @Test
    void deeplyNestedMessageIsRefusedOnASmallStack() {
        Expr expr = bool(1);
        for (int i = 0; i < 300; i++) {
            expr = call(1, "!_", expr);
        }
        String encoded = encode(checked(expr));
        assertThat(onASmallStack(() -> message(encoded))).contains("unreadable");
    }

    @Test
    void longTextIsRefusedBeforeItIsRead() {
        assertThat(message("A".repeat(Bound.CHECKED_CHARACTERS.max() + 4)))
                .isEqualTo("131076 characters (expected: at most 131072)");
    }

    private static Outcome outcome(String source) {
        return TestConditions.expression(source).test(FACTS);
    }

    /** What both refuse in the same words: who accepts a condition, and who uses it. */
    private static String refused(String source) {
        CelAbstractSyntaxTree ast = TestConditions.ast(source);
        AtomicReference<String> accepting = new AtomicReference<>("");
        assertThatThrownBy(() -> CheckedCondition.encode(ast))
                .isInstanceOfSatisfying(UnfitConditionException.class, unfit -> accepting.set(unfit.text()));
        String using = refused(CelProtoAbstractSyntaxTree.fromCelAst(ast).toCheckedExpr());
        assertThat(using).isEqualTo(accepting.get());
        return using;
    }

    private static String refused(CheckedExpr checked) {
        return message(encode(checked));
    }

    private static String message(String encoded) {
        AtomicReference<String> message = new AtomicReference<>("");
        assertThatThrownBy(() -> Expression.of(encoded))
                .isInstanceOfSatisfying(
                        IllegalArgumentException.class,
                        refused -> message.set(Optional.ofNullable(refused.getMessage())
                                .orElse("")
                                .replace("checked condition: ", "")));
        return message.get();
    }

    private static String onASmallStack(Supplier<String> work) {
        AtomicReference<String> result = new AtomicReference<>("died");
        Thread thread = new Thread(null, () -> result.set(work.get()), "small", 256 << 10);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return result.get();
    }

    private static final Type BOOL =
            Type.newBuilder().setPrimitive(Type.PrimitiveType.BOOL).build();

    private static String encode(CheckedExpr checked) {
        return Base64.getEncoder().encodeToString(checked.toByteArray());
    }

    private static CheckedExpr checked(Expr expr) {
        return CheckedExpr.newBuilder()
                .setExpr(expr)
                .putTypeMap(expr.getId(), BOOL)
                .build();
    }

    private static Reference overload(String id) {
        return Reference.newBuilder().addOverloadId(id).build();
    }

    private static Expr ident(long id, String name) {
        return Expr.newBuilder()
                .setId(id)
                .setIdentExpr(Expr.Ident.newBuilder().setName(name))
                .build();
    }

    private static Expr fact(long id, String root, String field) {
        return Expr.newBuilder()
                .setId(id)
                .setSelectExpr(Expr.Select.newBuilder()
                        .setOperand(ident(id + 1000, root))
                        .setField(field))
                .build();
    }

    private static Expr call(long id, String function, Expr... args) {
        return Expr.newBuilder()
                .setId(id)
                .setCallExpr(Expr.Call.newBuilder().setFunction(function).addAllArgs(List.of(args)))
                .build();
    }

    private static Expr text(long id, String value) {
        return Expr.newBuilder()
                .setId(id)
                .setConstExpr(Constant.newBuilder().setStringValue(value))
                .build();
    }

    private static Expr bool(long id) {
        return Expr.newBuilder()
                .setId(id)
                .setConstExpr(Constant.newBuilder().setBoolValue(true))
                .build();
    }

    private static Expr list(int items) {
        return Expr.newBuilder()
                .setId(100)
                .setListExpr(Expr.CreateList.newBuilder()
                        .addAllElements(IntStream.range(0, items)
                                .mapToObj(i -> text(101 + i, "i"))
                                .toList()))
                .build();
    }

    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }
}
