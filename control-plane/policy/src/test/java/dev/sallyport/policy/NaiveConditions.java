package dev.sallyport.policy;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A few conditions whose meaning is written twice: in CEL, and by hand. */
final class NaiveConditions implements NaiveCondition {
    /** Readable by every rule and by guardrails. */
    static final List<String> ANYWHERE = List.of(
            "request.headers['x-n'] == 'a'",
            "request.headers['x-n'] != 'a'",
            "int(request.headers['x-n']) <= 5",
            "request.query['m'] == 'p'",
            "request.headers['x-n'] == 'a' || request.query['m'] == 'p'",
            "request.headers['x-n'] == 'a' && request.method == 'GET'",
            "request.path.startsWith('/a') || request.host == 'a.example'",
            "caller.service == 'web'",
            "caller.id == 'spiffe://shop.example/sa/orders'",
            "now < timestamp('2026-03-02T10:00:00Z')");

    /** Of a rule with {@code user: required} or conditions. */
    static final List<String> OF_THE_USER = List.of(
            "user.sub == 'p'", "'q' in user.roles", "user.scopes == ['r']", "'orders' in user.via", "user.via == []");

    /** Of a rule whose user is one of the issuer shop. */
    static final List<String> OF_ITS_CLAIMS =
            List.of("user.claims.dept == 'p'", "'q' in user.claims.amr", "user.claims.level < 1", "user.claims.staff");

    /** Of a route whose every template has {@code {x}}. */
    static final List<String> OF_THE_PATH = List.of("path.x == 'b'", "path.x != request.headers['x-n']");

    /** Of both. */
    static final List<String> OF_USER_AND_PATH = List.of("user.sub == path.x");

    private interface Meaning {
        boolean of(NaiveRequest request) throws NaiveRequest.Unreadable;
    }

    private static final Map<String, Meaning> MEANINGS = Map.ofEntries(
            Map.entry("request.headers['x-n'] == 'a'", r -> header(r).equals("a")),
            Map.entry("request.headers['x-n'] != 'a'", r -> !header(r).equals("a")),
            Map.entry("int(request.headers['x-n']) <= 5", r -> Long.parseLong(header(r)) <= 5),
            Map.entry("request.query['m'] == 'p'", r -> query(r).equals("p")),
            Map.entry("request.headers['x-n'] == 'a' || request.query['m'] == 'p'", NaiveConditions::either),
            Map.entry("request.headers['x-n'] == 'a' && request.method == 'GET'", NaiveConditions::both),
            Map.entry(
                    "request.path.startsWith('/a') || request.host == 'a.example'",
                    r -> http(r).path().startsWith("/a") || http(r).host().equals("a.example")),
            Map.entry("caller.service == 'web'", r -> service(r).equals("web")),
            Map.entry(
                    "caller.id == 'spiffe://shop.example/sa/orders'",
                    r -> caller(r).equals("spiffe://shop.example/sa/orders")),
            Map.entry(
                    "now < timestamp('2026-03-02T10:00:00Z')",
                    r -> r.now().isBefore(Instant.parse("2026-03-02T10:00:00Z"))),
            Map.entry("user.sub == 'p'", r -> user(r).subject().equals("p")),
            Map.entry("'q' in user.roles", r -> user(r).roles().contains("q")),
            Map.entry("user.scopes == ['r']", r -> user(r).scopes().equals(List.of("r"))),
            Map.entry("'orders' in user.via", r -> user(r).carriedBy().contains("orders")),
            Map.entry("user.via == []", r -> user(r).carriedBy().isEmpty()),
            Map.entry(
                    "user.claims.dept == 'p'",
                    r -> claim(r, "dept", String.class).equals("p")),
            Map.entry("'q' in user.claims.amr", r -> claim(r, "amr", List.class).contains("q")),
            Map.entry("user.claims.level < 1", r -> claim(r, "level", Long.class) < 1),
            Map.entry("user.claims.staff", r -> claim(r, "staff", Boolean.class)),
            Map.entry("path.x == 'b'", r -> path(r).equals("b")),
            Map.entry("path.x != request.headers['x-n']", r -> !path(r).equals(header(r))),
            Map.entry("user.sub == path.x", r -> user(r).subject().equals(path(r))));

    private static final Map<String, When> CHECKED = MEANINGS.keySet().stream()
            .collect(toMap(source -> source, source -> new When(source, Optional.of(TestConditions.checked(source)))));

    private static final Map<String, Set<String>> INPUTS = Stream.of(
                    ANYWHERE, OF_THE_USER, OF_ITS_CLAIMS, OF_THE_PATH, OF_USER_AND_PATH)
            .flatMap(List::stream)
            .collect(toMap(source -> source, NaiveConditions::read));

    static When checked(String source) {
        return requireNonNull(CHECKED.get(source));
    }

    /** Whatever gives no value is an error, also where CEL is asked for another type than the claim has. */
    @Override
    public Truth of(String source, NaiveRequest request) {
        try {
            return requireNonNull(MEANINGS.get(source)).of(request) ? Truth.TRUE : Truth.FALSE;
        } catch (NaiveRequest.Unreadable | NoSuchElementException | NumberFormatException | ClassCastException none) {
            return Truth.ERROR;
        }
    }

    @Override
    public Set<String> inputs(String source) {
        return requireNonNull(INPUTS.get(source));
    }

    private static Set<String> read(String source) {
        return Map.of("headers['x-n']", "header.x-n", "query['m']", "query.m", "path.x", "path.x").entrySet().stream()
                .filter(input -> source.contains(input.getKey()))
                .map(Map.Entry::getValue)
                .collect(toSet());
    }

    /** CEL: an error beside a true is true; a doubt is none. */
    private static boolean either(NaiveRequest request) throws NaiveRequest.Unreadable {
        Optional<String> header = request.header("x-n");
        boolean one = header.isPresent() && header.get().equals("a");
        if (one || query(request).equals("p")) {
            return true;
        }
        return header.orElseThrow().equals("a");
    }

    /** CEL: an error beside a false is false; a doubt is none. */
    private static boolean both(NaiveRequest request) throws NaiveRequest.Unreadable {
        Optional<String> header = request.header("x-n");
        if (header.isPresent() && !header.get().equals("a")
                || !http(request).method().equals("GET")) {
            return false;
        }
        return header.orElseThrow().equals("a");
    }

    /** A connection has no method, host or path. */
    private static RequestFacts http(NaiveRequest request) throws NaiveRequest.Unreadable {
        if (request.facts().tcpPort().isPresent()) {
            throw new NaiveRequest.Unreadable();
        }
        return request.facts();
    }

    private static String header(NaiveRequest request) throws NaiveRequest.Unreadable {
        return request.header("x-n").orElseThrow();
    }

    private static String query(NaiveRequest request) throws NaiveRequest.Unreadable {
        return request.query("m").orElseThrow();
    }

    private static String path(NaiveRequest request) {
        return requireNonNull(request.path().get("x"));
    }

    private static String caller(NaiveRequest request) {
        return request.facts().caller().orElseThrow().toString();
    }

    private static String service(NaiveRequest request) {
        return request.mesh()
                .serviceOf(request.facts().caller().orElseThrow())
                .orElseThrow()
                .name();
    }

    private static User user(NaiveRequest request) {
        return NaiveUser.seen(request.facts());
    }

    private static <T> T claim(NaiveRequest request, String name, Class<T> type) {
        Object value = user(request).claims().get(name);
        if (value == null) {
            throw new NoSuchElementException(name);
        }
        return type.cast(value);
    }
}
