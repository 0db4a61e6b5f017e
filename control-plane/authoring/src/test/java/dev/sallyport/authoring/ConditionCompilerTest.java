package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.CheckedCondition;
import dev.sallyport.policy.ConditionInputs;
import dev.sallyport.policy.Mesh.ClaimType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConditionCompilerTest {
    private static final ConditionScope SCOPE = new ConditionScope(
            Optional.of(Map.of(
                    "dept", ClaimType.STRING,
                    "level", ClaimType.INT,
                    "mfa", ClaimType.BOOL,
                    "amr", ClaimType.STRINGS,
                    "shop.example/team", ClaimType.STRING)),
            Set.of("id", "order-id"));
    private static final ConditionCompiler COMPILER = new ConditionCompiler(SCOPE);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int(request.headers['x-amount-cents']) <= 500000",
                "'mfa' in user.claims.amr",
                "user.sub == path.id",
                "path.`order-id` != '' && user.claims.`shop.example/team` == 'pay'",
                "user.claims.level >= 3 && user.claims.mfa && user.claims.dept in ['payments', 'ops']",
                "now < timestamp('2027-03-31T00:00:00Z') && now - timestamp(1795515300) < duration('1h')",
                "caller.service == 'orders' || caller.id.startsWith('spiffe://shop.example/')",
                "'x-tenant' in request.headers && has(request.query.mode)",
                "user.roles.exists(r, r.startsWith('fin')) // with a comment",
                "request.method == 'POST'\n  && request.host == 'payment'\n  && request.path.size() < 100",
                "double(request.query['price']) < 12.5",
            })
    void conditionIsChecked(String source) {
        assertThat(problems(COMPILER, source)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '"', textBlock = """
            request.method ==                          → SP0601 at 1:18: syntax: unexpected end (expected: a CEL expression)
            request.method = 'a'                       → SP0601 at 1:16: syntax: token recognition error at: '= ' (expected: a CEL expression)
            (true                                      → SP0601 at 1:6: syntax: missing ')' at '<EOF>' (expected: a CEL expression)
            true) || (true                             → SP0601 at 1:5: syntax: unexpected ')' (expected: a CEL expression)
            user.?sub == 'a'                           → SP0601 at 1:5: syntax: unsupported syntax '.?' (expected: a CEL expression)
            request.headers['a'] <= 5                  → SP0601 at 1:22: <= of (string, int): no such types (expected: (bool, bool) or (int, int) or (double, double) or (string, string) or (timestamp, timestamp) or (duration, duration) or (int, double) or (double, int))
            user.claims.dept == 3                      → SP0601 at 1:18: == of (string, int): no such types (expected: two of one type)
            now > 3                                    → SP0601 at 1:5: > of (timestamp, int): no such types (expected: (bool, bool) or (int, int) or (double, double) or (string, string) or (timestamp, timestamp) or (duration, duration) or (int, double) or (double, int))
            user.sub.exists(r, true)                   → SP0601 at 1:5: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic) (expected: types that fit)
            user.sub.length == 5                       → SP0601 at 1:9: type 'string' does not support field selection (expected: types that fit)
            [1, 'a'][0] == 1 && b'a' == b'a'           → SP0601 at 1:21: a literal of another type (expected: a string, an int, a double or a bool)
            has(user.sub)                              → SP0601 at 1:4: has(): of what is always there (expected: a header, a query parameter or a claim)
            Claims{dept: 'a'} == user.claims           → SP0601 at 1:7: a field or message that is no fact (expected: facts, literals, calls)
            request.path.matches('/a.*')               → SP0602 at 1:21: matches: regular expressions are not part of conditions (expected: ==, in, startsWith, endsWith or contains)
            user.roles.all(a, user.scopes.all(b, a == b)) → SP0602 at 1:34: a loop in a loop (expected: one after the other)
            user.claims.dep == 'a'                     → SP0603 at 1:12: user.claims.dep: unknown (did you mean user.claims.dept?)
            user.claims.region == 'a'                  → SP0603 at 1:12: user.claims.region: unknown (expected: one of user.claims.amr, user.claims.dept, user.claims.level, user.claims.mfa, user.claims.shop.example/team)
            'a' in user.claims.ams                     → SP0603 at 1:19: user.claims.ams: unknown (did you mean user.claims.amr?)
            user.subject == 'a'                        → SP0603 at 1:5: user.subject: unknown (expected: one of user.claims, user.issuer, user.roles, user.scopes, user.sub, user.via)
            path.nope == 'a'                           → SP0603 at 1:5: path.nope: unknown (expected: one of path.id, path.order-id)
            request.header['x'] == 'a'                 → SP0603 at 1:8: request.header: unknown (did you mean request.headers?)
            usr.sub == 'a'                             → SP0603 at 1:1: usr: unknown (did you mean user?)
            tenant == 'a'                              → SP0603 at 1:1: tenant: unknown (expected: one of caller, now, path, request, user)
            request.path.startWith('a')                → SP0603 at 1:23: startWith: unknown (did you mean startsWith?)
            dyn(1) == 1                                → SP0603 at 1:4: dyn: unknown
            request == request                         → SP0603 at 1:1: request: no value of its own
            int == 1                                   → SP0603 at 1:1: int: unknown
            request.headers[path.id] == 'a'            → SP0605 at 1:16: a header or query parameter by a computed name (expected: a literal, as request.headers['x-tenant'])
            request.headers['X-Tenant'] == 'a'         → SP0605 at 1:16: X-Tenant (expected: lower case, x-tenant)
            request.headers.exists(h, h == 'a')        → SP0605 at 1:8: request.headers: as a whole (expected: one by its literal name, as request.headers['x'])
            request.path                               → SP0606 at 1:8: a value of type string (expected: bool)
            user.claims.level + 1                      → SP0606 at 1:19: a value of type int (expected: bool)
            """)
    void problemSaysWhereAndWhatInstead(String source, String problem) {
        assertThat(problems(COMPILER, source)).singleElement().asString().startsWith(problem);
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLine() {
        assertThat(problems(COMPILER, "user.claims.dep == 'a'\n  && nobody == 1\n  && path.ids == '1'"))
                .extracting(problem -> problem.substring(0, 20))
                .containsExactly("SP0603 at 1:12: user", "SP0603 at 2:6: nobod", "SP0603 at 3:10: path");
    }

    @Test
    void userIsUnknownWhereNoneIsProven() {
        ConditionCompiler anybody = new ConditionCompiler(new ConditionScope(Optional.empty(), Set.of()));
        assertThat(problems(anybody, "user.sub == 'alice'"))
                .singleElement()
                .asString()
                .startsWith("SP0607 at 1:1: user");
        assertThat(problems(anybody, "path.id == 'alice'"))
                .containsExactly("SP0603 at 1:5: path.id: unknown (expected: nothing of that kind is known here)");
        assertThat(problems(anybody, "request.method == 'GET'")).isEmpty();
    }

    @Test
    void checkedExpressionIsWhatASidecarReads() {
        String checked = checked("user.sub == path.id && request.headers['x'] in user.claims.amr");
        assertThat(CheckedCondition.inputs(checked))
                .isEqualTo(new ConditionInputs(
                        new TreeSet<>(List.of("x")),
                        new TreeSet<>(),
                        new TreeSet<>(List.of("id")),
                        new TreeSet<>(List.of("amr")),
                        true));
        assertThat(checked("  user.sub==path.id&& request.headers['x'] in user.claims.amr"))
                .isEqualTo(checked);
    }

    @Test
    void longestSourceIsRead() {
        String text = "a".repeat(ConditionCompiler.SOURCE_CHARS_MAX - "request.path != ''".length());
        assertThat(problems(COMPILER, "request.path != '" + text + "'")).isEmpty();
        assertThat(problems(COMPILER, "request.path != '" + text + "a'"))
                .containsExactly("SP0602 at 1:1: 4097 characters (expected: at most 4096)");
    }

    static List<String> bombs() {
        return List.of(
                "a".repeat(10_000),
                "true" + " || true".repeat(1200),
                "(".repeat(1000) + "true" + ")".repeat(1000),
                "(".repeat(1000),
                "1" + "+1".repeat(1000) + " == 1",
                "-".repeat(4000) + "1 == 1 && 'x'",
                "[".repeat(1000) + "]".repeat(1000) + " == []",
                "{1:".repeat(900) + "1" + "}".repeat(900) + " == {}",
                "true ? ".repeat(400) + "true" + " : true".repeat(400),
                "request" + ".path".repeat(700) + " == ''",
                "request.path" + ".size(".repeat(500) + ")".repeat(500) + " == 1",
                "user.roles" + ".map(r, r)".repeat(300) + " == []",
                "user.roles" + ".filter(r, r != '')".repeat(60) + " == []",
                "user.roles.all(a, ".repeat(100) + "true" + ")".repeat(100),
                "user.sub == '" + "\\u0041".repeat(600) + "' && " + "x.".repeat(100) + "x",
                "! ".repeat(1000) + "a ? b : c ? d : e " + "? f : g ".repeat(300),
                "\u0000\u202E\uD800".repeat(500),
                "'" + "\\".repeat(4000));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void bombIsRefusedFastOnASmallStack(String source) throws InterruptedException {
        AtomicReference<List<String>> problems = new AtomicReference<>(List.of());
        Thread thread = new Thread(null, () -> problems.set(problems(COMPILER, source)), "small", 512 << 10);
        long start = System.nanoTime();
        thread.start();
        thread.join(Duration.ofSeconds(20));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(problems.get())
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith("SP06") && problem.length() < 6000);
    }

    @Test
    void conditionMayHaveTwoHundredNodesAndThirtyTwoLevels() {
        assertThat(problems(COMPILER, "!true" + " || true".repeat(99))).isEmpty();
        assertThat(problems(COMPILER, "!true || !true" + " || true".repeat(98)))
                .singleElement()
                .asString()
                .startsWith("SP0602")
                .endsWith("201 nodes (expected: at most 200)");
        assertThat(problems(COMPILER, "1" + " + 1".repeat(30) + " > 0")).isEmpty();
        assertThat(problems(COMPILER, "1" + " + 1".repeat(31) + " > 0"))
                .singleElement()
                .asString()
                .startsWith("SP0602")
                .endsWith("nested 33 levels deep (expected: at most 32)");
        assertThat(problems(COMPILER, "1 in [" + numbers(64) + "]")).isEmpty();
        assertThat(problems(COMPILER, "1 in [" + numbers(65) + "]"))
                .singleElement()
                .asString()
                .startsWith("SP0602 at 1:6: 65 items");
    }

    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    private static String checked(String source) {
        assertThat(COMPILER.compile(source)).isInstanceOf(ConditionCompiler.Result.Checked.class);
        return ((ConditionCompiler.Result.Checked) COMPILER.compile(source)).expression();
    }

    private static List<String> problems(ConditionCompiler compiler, String source) {
        return switch (compiler.compile(source)) {
            case ConditionCompiler.Result.Checked _ -> List.of();
            case ConditionCompiler.Result.Refused(List<ConditionProblem> problems) ->
                problems.stream().map(problem -> problem.code() + " " + problem).toList();
        };
    }
}
