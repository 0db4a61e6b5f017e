package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The facts of a request that nobody sent, as data: for tests of policies, explanations, replay and decision vectors. {@code headers} by lower-case name; {@code opa}: the answers,
 * by target; a target without one is not asked yet.
 */
public record GivenFacts(
        Optional<SpiffeId> caller,
        String method,
        String host,
        String path,
        Optional<String> query,
        Map<String, List<String>> headers,
        UserFact user,
        UserFact carriedUser,
        Map<String, OpaAnswer> opa)
        implements RequestFacts {
    public GivenFacts {
        headers = Frozen.map(headers);
        opa = Map.copyOf(opa);
    }

    /** Of a request without query, headers and user. */
    public static GivenFacts of(Optional<SpiffeId> caller, String method, String path) {
        return new GivenFacts(
                caller,
                method,
                "service",
                path,
                Optional.empty(),
                Map.of(),
                new UserFact.Absent(),
                new UserFact.Absent(),
                Map.of());
    }

    /** The same with what the user's own token proved. */
    public GivenFacts as(UserFact fact) {
        return new GivenFacts(caller, method, host, path, query, headers, fact, carriedUser, opa);
    }

    /** The same with a verified user: by a hop token if one has carried the user here, else by the user's own. */
    public GivenFacts as(User proven) {
        UserFact fact = new UserFact.Verified(proven);
        return proven.carriedBy().isEmpty() ? as(fact) : carrying(fact);
    }

    /** The same with what the hop token proved. */
    public GivenFacts carrying(UserFact fact) {
        return new GivenFacts(caller, method, host, path, query, headers, user, fact, opa);
    }

    /** The same with these headers, each name once or more. */
    public GivenFacts with(Map<String, List<String>> given) {
        return new GivenFacts(caller, method, host, path, query, given, user, carriedUser, opa);
    }

    /** The same with this query. */
    public GivenFacts asking(String given) {
        return new GivenFacts(caller, method, host, path, Optional.of(given), headers, user, carriedUser, opa);
    }

    /** The same for another host. */
    public GivenFacts at(String given) {
        return new GivenFacts(caller, method, given, path, query, headers, user, carriedUser, opa);
    }

    /** The same with answers of OPA. */
    public GivenFacts answered(Map<String, OpaAnswer> answers) {
        return new GivenFacts(caller, method, host, path, query, headers, user, carriedUser, answers);
    }

    @Override
    public List<String> header(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public Optional<OpaAnswer> opa(OpaQuery query) {
        return Optional.ofNullable(opa.get(query.target()));
    }
}
