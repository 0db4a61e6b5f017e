package dev.sallyport.policy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Facts as data that say which of them were asked for. */
class TestExpressionFacts implements ExpressionFacts {
    static final Instant NOW = Instant.parse("2026-11-24T10:15:30Z");
    static final User ALICE = new User(
            "shop",
            "alice",
            List.of("customer", "finance"),
            List.of("orders:read"),
            Map.of("dept", "payments", "level", 3L, "mfa", true, "amr", List.of("pwd", "mfa")),
            NOW.minusSeconds(60),
            NOW.plusSeconds(240));

    final List<String> asked = new ArrayList<>();
    private final Map<String, List<String>> headers;
    private final Map<String, List<String>> query;
    private final Optional<User> user;

    TestExpressionFacts(Map<String, List<String>> headers, Map<String, List<String>> query, Optional<User> user) {
        this.headers = headers;
        this.query = query;
        this.user = user;
    }

    /** Alice asks; {@code headers} each once. */
    static TestExpressionFacts headers(Map<String, String> headers) {
        Map<String, List<String>> once = new HashMap<>();
        headers.forEach((name, value) -> once.put(name, List.of(value)));
        return new TestExpressionFacts(once, Map.of("mode", List.of("full")), Optional.of(ALICE));
    }

    /** The same with this header twice. */
    TestExpressionFacts repeating(String header) {
        Map<String, List<String>> more = new HashMap<>(headers);
        String value = headers.getOrDefault(header, List.of("a")).getFirst();
        more.put(header, List.of(value, value));
        return new TestExpressionFacts(more, query, user);
    }

    TestExpressionFacts as(User other) {
        return new TestExpressionFacts(headers, query, Optional.of(other));
    }

    @Override
    public String method() {
        asked.add("method");
        return "POST";
    }

    @Override
    public String host() {
        asked.add("host");
        return "payment";
    }

    @Override
    public String path() {
        asked.add("path");
        return "/charges/7/refunds";
    }

    @Override
    public Optional<String> header(String name) throws DoubtException {
        asked.add("header " + name);
        return once(headers.getOrDefault(name, List.of()));
    }

    @Override
    public Optional<String> query(String name) throws DoubtException {
        asked.add("query " + name);
        return once(query.getOrDefault(name, List.of()));
    }

    private static Optional<String> once(List<String> values) throws DoubtException {
        if (values.size() > 1) {
            throw new DoubtException("repeated");
        }
        return values.stream().findFirst();
    }

    @Override
    public Optional<String> pathVariable(String name) {
        asked.add("variable " + name);
        return Optional.of(name.equals("id") ? "7" : "alice");
    }

    @Override
    public String callerId() {
        asked.add("caller");
        return "spiffe://shop.example/ns/shop/sa/orders";
    }

    @Override
    public String callerService() {
        asked.add("service");
        return "orders";
    }

    @Override
    public UserFact user() {
        asked.add("user");
        return user.<UserFact>map(UserFact.Verified::new).orElseGet(UserFact.Absent::new);
    }

    @Override
    public Instant now() {
        asked.add("now");
        return NOW;
    }
}
