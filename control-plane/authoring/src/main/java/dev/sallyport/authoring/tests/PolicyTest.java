package dev.sallyport.authoring.tests;

import dev.sallyport.document.Location;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.GuardrailRef;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RuleRef;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The {@code PolicyTest} document: requests that nobody sent with the decisions that they must get, and what must hold for every request. A matrix is read as the cases that it
 * stands for. Without {@code now} the time is that of the run.
 */
public record PolicyTest(
        String name, Location location, Optional<Instant> now, List<Case> cases, List<Invariant> invariants) {
    public PolicyTest {
        cases = List.copyOf(cases);
        invariants = List.copyOf(invariants);
    }

    /**
     * One request to {@code service} at {@code at}. {@code caller} is empty without a client certificate, {@code from} is how the document names it; {@code headers} by lower-case
     * name; {@code opa} answers by target. {@code via}: the token is a hop token, and these services have carried the user, the caller last. {@code shadow} is what the candidate and the dry-run rules must say.
     */
    public record Case(
            String name,
            Location location,
            String service,
            String from,
            Optional<SpiffeId> caller,
            Token token,
            List<String> via,
            Request request,
            Map<String, List<String>> headers,
            Map<String, OpaAnswer> opa,
            Moment at,
            Expectation expected,
            Optional<Expectation> shadow) {
        public Case {
            via = List.copyOf(via);
            headers = Map.copyOf(headers);
            opa = Map.copyOf(opa);
        }

        /** {@code POST /charges to payment from orders as alice}. */
        public String subject() {
            return request + " to " + service + " from " + from + token
                    + (via.isEmpty() ? "" : " via " + String.join(", ", via));
        }
    }

    /** What the request carries to prove its user. */
    public sealed interface Token {
        /** None. */
        record Missing() implements Token {
            @Override
            public String toString() {
                return "";
            }
        }

        /** One that its verification refused. */
        record Refused(Reason reason) implements Token {
            @Override
            public String toString() {
                return " with a refused token, " + reason.code();
            }
        }

        /** A good one. */
        record Good(Person person) implements Token {
            @Override
            public String toString() {
                return " as " + person.name();
            }
        }

        /** What its verification said when it was {@code now}. */
        default UserFact fact(Instant now) {
            return switch (this) {
                case Missing _ -> new UserFact.Absent();
                case Refused(Reason reason) -> new UserFact.Bad(reason);
                case Good(Person person) -> new UserFact.Verified(person.user(now));
            };
        }
    }

    /** A user of the test; its times count from the test's {@code now}. */
    public record Person(
            String name,
            String issuer,
            String subject,
            List<String> roles,
            List<String> scopes,
            Map<String, Object> claims,
            Moment issuedAt,
            Moment expiresAt) {
        User user(Instant now) {
            return new User(issuer, subject, roles, scopes, claims, issuedAt.from(now), expiresAt.from(now));
        }
    }

    /** What is sent; {@code toString} as documents write it. */
    public sealed interface Request {
        /** As it would stand in the request line and the Host header; not yet canonical, so that a test can expect {@code path_rejected}. */
        record Http(String method, String target, String host) implements Request {
            @Override
            public String toString() {
                return method + " " + target;
            }
        }

        /** A connection to an opaque port. */
        record Tcp(int port) implements Request {
            @Override
            public String toString() {
                return "tcp " + port;
            }
        }
    }

    /** How a decision ends. */
    public enum Verdict {
        ALLOW,
        DENY,
        ASK
    }

    /**
     * What a decision must be; what is absent may be anything. {@code rule}: the one that allows, of a denial the nearest. {@code observed}: the denial that only {@code mode: observe}
     * turned into an allow; an allow without it must come from a rule.
     */
    public record Expectation(
            Verdict verdict,
            Optional<RuleRef> rule,
            Optional<Reason> reason,
            OptionalInt status,
            Optional<GuardrailRef> guardrail,
            Optional<Reason> observed) {}

    /**
     * What no input may bring about at {@code at}: a request of {@code pattern} to {@code service} that passes from one of {@code callers} (services of the Mesh) without what
     * {@code unless} asks of the user. Conditions, header and query fields and OPA count as true. {@code promise}: the same in words.
     */
    public record Invariant(
            String name,
            Location location,
            String service,
            Pattern pattern,
            Set<String> callers,
            Optional<Proof> unless,
            String promise,
            Moment at) {
        public Invariant {
            callers = Set.copyOf(callers);
        }

        /** {@code POST /charges to payment}. */
        public String subject() {
            return pattern + " to " + service;
        }
    }

    /** A set of requests; {@code toString} as documents write it. */
    public sealed interface Pattern {
        /** Of one method, or of every one. */
        record Http(Optional<String> method, PathTemplate path) implements Pattern {
            @Override
            public String toString() {
                return method.orElse("*") + " " + path;
            }
        }

        /** Connections to an opaque port. */
        record Tcp(int port) implements Pattern {
            @Override
            public String toString() {
                return "tcp " + port;
            }
        }
    }

    /** What must be proven of a user: a good token, and everything that is stated. */
    public record Proof(
            Optional<String> issuer,
            Optional<String> subject,
            Set<String> roles,
            Set<String> scopes,
            Map<String, String> claims) {
        public Proof {
            roles = Set.copyOf(roles);
            scopes = Set.copyOf(scopes);
            claims = Map.copyOf(claims);
        }

        /** {@code role finance, scope orders.write}, or {@code a user}. */
        @Override
        public String toString() {
            List<String> parts = new ArrayList<>();
            issuer.ifPresent(name -> parts.add("issuer " + name));
            subject.ifPresent(name -> parts.add("subject " + name));
            roles.stream().sorted().forEach(role -> parts.add("role " + role));
            scopes.stream().sorted().forEach(scope -> parts.add("scope " + scope));
            claims.forEach((claim, value) -> parts.add("claim " + claim + " " + value));
            return parts.isEmpty() ? "a user" : String.join(", ", parts);
        }
    }
}
