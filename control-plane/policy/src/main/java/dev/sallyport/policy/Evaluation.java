package dev.sallyport.policy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One decision's view of the facts. A user is asked for at most once, and only by what looks at one. Few fields, for one is made for each decision. One thread.
 */
final class Evaluation implements ExpressionFacts {
    /** The longest header or parameter that a condition looks at, in characters. */
    static final int VALUE_CHARACTERS_MAX = 4096;

    private final CompiledRoute route;
    private final RequestFacts facts;
    private final Instant now;
    private final int caller;
    private boolean carried;
    private @Nullable UserFact user;

    /** {@code caller}: its number in the route's Mesh. */
    Evaluation(CompiledRoute route, int caller, RequestFacts facts, Instant now) {
        this.route = route;
        this.caller = caller;
        this.facts = facts;
        this.now = now;
    }

    CompiledRoute route() {
        return route;
    }

    MeshIndex mesh() {
        return route.mesh();
    }

    RequestFacts facts() {
        return facts;
    }

    @Override
    public Instant now() {
        return now;
    }

    /** {@link MeshIndex#UNKNOWN} for nobody and for a stranger. */
    int caller() {
        return caller;
    }

    /** What the next conditions are about: those of a rule or guardrail for which hop tokens count, or do not. */
    void begin(boolean carriedCounts) {
        if (carried != carriedCounts) {
            carried = carriedCounts;
            user = null;
        }
    }

    /** The user as the rule that is judged sees one. */
    @Override
    public UserFact user() {
        UserFact known = user;
        if (known == null) {
            known = Proven.of(facts, carried, mesh(), now);
            user = known;
        }
        return known;
    }

    /** The one value of a field, as it is compared; empty when it is absent. */
    Optional<String> value(FieldCondition.Kind kind, String name) throws DoubtException {
        return switch (kind) {
            case HEADER -> header(name);
            case QUERY -> query(name);
        };
    }

    /** Two values, or one with a byte that is no printable ASCII, read differently at the next parser: {@code user, admin} as one or two (CVE-2026-26308). */
    @Override
    public Optional<String> header(String name) throws DoubtException {
        List<String> values = facts.header(name);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw new DoubtException("header " + name + " is repeated");
        }
        String value = bounded(values.getFirst(), "header " + name);
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < 0x20 || value.charAt(i) > 0x7E) {
                throw new DoubtException("header " + name + " holds a byte that is no printable ASCII");
            }
        }
        return Optional.of(value);
    }

    @Override
    public Optional<String> query(String name) throws DoubtException {
        Optional<String> query = facts.query();
        Optional<String> value = query.isEmpty() ? query : QueryText.value(query.get(), name);
        if (value.isPresent()) {
            bounded(value.get(), "query parameter " + name);
        }
        return value;
    }

    private static String bounded(String value, String what) throws DoubtException {
        if (value.length() > VALUE_CHARACTERS_MAX) {
            throw new DoubtException(what + " is longer than " + VALUE_CHARACTERS_MAX + " characters");
        }
        return value;
    }

    /** What a variable of the matched template stands for. */
    @Override
    public Optional<String> pathVariable(String name) {
        return route.matched()
                .flatMap(matched -> matched.match().template())
                .map(template -> template.variables(facts.path()).get(name));
    }

    @Override
    public String method() throws DoubtException {
        return request().method();
    }

    @Override
    public String host() throws DoubtException {
        return request().host();
    }

    @Override
    public String path() throws DoubtException {
        return request().path();
    }

    /** A connection to an opaque port says nothing of itself: what a condition takes for empty would not be. */
    private RequestFacts request() throws DoubtException {
        if (facts.tcpPort().isPresent()) {
            throw new DoubtException("a connection to an opaque port is no request");
        }
        return facts;
    }

    @Override
    public String callerId() throws DoubtException {
        return facts.caller()
                .orElseThrow(() -> new DoubtException("no caller is proven"))
                .toString();
    }

    @Override
    public String callerService() throws DoubtException {
        if (caller == MeshIndex.UNKNOWN) {
            throw new DoubtException("the caller is none that the Mesh declares");
        }
        return mesh().name(caller);
    }

    /** The value of an input by its name in {@link Inputs}, or why there is none; for people. */
    String shown(String input) {
        try {
            if (input.startsWith(Inputs.HEADER)) {
                return header(input.substring(Inputs.HEADER.length())).orElse("absent");
            }
            if (input.startsWith(Inputs.QUERY)) {
                return query(input.substring(Inputs.QUERY.length())).orElse("absent");
            }
            return pathVariable(input.substring(Inputs.PATH.length())).orElse("absent");
        } catch (DoubtException doubt) {
            return String.valueOf(doubt.getMessage());
        }
    }
}
