package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The {@code RoutePolicy} document of one destination service; default deny. {@code owner} from the annotation {@code sallyport.dev/owner}. A {@code candidate} ({@code mode: dryRun})
 * is judged beside the live document of its service and decides nothing. Until {@code observeUntil} what no rule allows is forwarded and recorded.
 */
public record RoutePolicy(
        String name,
        String service,
        Optional<String> owner,
        boolean candidate,
        Optional<Instant> observeUntil,
        SortedMap<String, Route> routes) {
    public RoutePolicy {
        routes = Frozen.map(routes);
    }

    /**
     * A named route: any of {@code matches}, for any of {@code hosts} (lower case, without port; none: every host). {@code fields} are conditions that each of its rules has as well.
     * {@code record} says how an input that its rules read appears on record, by {@code header.NAME}, {@code query.NAME} or {@code path.NAME}; what is not listed is keyed.
     */
    public record Route(
            String name,
            List<Match> matches,
            SortedSet<String> hosts,
            List<FieldCondition> fields,
            Optional<Limit> limit,
            AuditMode audit,
            Optional<Instant> observeUntil,
            SortedMap<String, Recording> record,
            SortedMap<String, Rule> allow) {
        public Route {
            matches = List.copyOf(matches);
            hosts = Frozen.set(hosts);
            fields = List.copyOf(fields);
            record = Frozen.map(record);
            allow = Frozen.map(allow);
        }
    }

    /** What a route answers to. {@code toString} is the form that documents have. */
    public sealed interface Match {
        /** The template of an HTTP or gRPC route; empty for TCP. */
        Optional<PathTemplate> template();

        /** Whether such a request asks for a change. RFC 9110 section 9.2.1. */
        boolean mutating();

        /** {@code POST /charges/{id}/refunds}. */
        record Http(String method, PathTemplate path) implements Match {
            @Override
            public Optional<PathTemplate> template() {
                return Optional.of(path);
            }

            @Override
            public boolean mutating() {
                return Methods.isMutating(method);
            }

            @Override
            public String toString() {
                return method + " " + path;
            }
        }

        /** {@code grpc pay.v1.Payments/Charge}: {@code path} is {@code /pay.v1.Payments/Charge}, the method always POST. */
        record Grpc(PathTemplate path) implements Match {
            @Override
            public Optional<PathTemplate> template() {
                return Optional.of(path);
            }

            @Override
            public boolean mutating() {
                return true;
            }

            @Override
            public String toString() {
                return "grpc " + path.text().substring(1);
            }
        }

        /** {@code tcp 5432}: a connection to a declared opaque port; only its caller and its port are known. */
        record Tcp(int port) implements Match {
            @Override
            public Optional<PathTemplate> template() {
                return Optional.empty();
            }

            @Override
            public boolean mutating() {
                return true;
            }

            @Override
            public String toString() {
                return "tcp " + port;
            }
        }
    }

    /**
     * Inside a rule everything must hold. {@code expires}: from then on it grants nothing. A {@code dryRun} rule grants nothing either, and its verdict is recorded.
     * {@code forwardToken}: the user's own token goes on to the application; {@code forwardUnverified}, with {@code user: none} only: so does whatever credential the request carries, which nobody looked at.
     */
    public record Rule(
            String name,
            Callers from,
            UserRequirement user,
            List<FieldCondition> fields,
            Optional<When> when,
            Optional<OpaQuery> opa,
            Optional<Instant> expires,
            boolean dryRun,
            boolean forwardToken,
            boolean forwardUnverified) {
        public Rule {
            fields = List.copyOf(fields);
        }
    }

    /**
     * Who may call. {@code anyMesh}: every identity that the Mesh declares. {@code names} as written, sorted; {@code identities} are what they stand for, patterns resolved among the
     * identities of the Mesh.
     */
    public record Callers(boolean anyMesh, Set<SpiffeId> identities, List<String> names) {
        public Callers {
            identities = Set.copyOf(identities); // by equals and hash: exact
            names = List.copyOf(Frozen.set(names));
        }
    }

    /** What a rule wants of the user (design section 4). */
    public sealed interface UserRequirement {
        /** Never looks at the token. */
        record None() implements UserRequirement {}

        /** Holds without a token, or with a good one. */
        record OptionalUser() implements UserRequirement {}

        /** Holds with a good token only, of any issuer of the mesh. */
        record Required() implements UserRequirement {}

        /** A good token of {@code issuer} and everything that is stated; absent parts state nothing. {@code maxTokenAge} counts from {@code iat}, without leeway. With {@code via} a hop token counts as well. */
        record Conditions(
                String issuer,
                Optional<String> subject,
                Set<String> anyRole,
                Set<String> allRoles,
                Set<String> scopes,
                Map<String, String> claims,
                Optional<Duration> maxTokenAge,
                Optional<Via> via)
                implements UserRequirement {
            /** Without {@code via}. */
            public Conditions(
                    String issuer,
                    Optional<String> subject,
                    Set<String> anyRole,
                    Set<String> allRoles,
                    Set<String> scopes,
                    Map<String, String> claims,
                    Optional<Duration> maxTokenAge) {
                this(issuer, subject, anyRole, allRoles, scopes, claims, maxTokenAge, Optional.empty());
            }

            public Conditions {
                anyRole = Frozen.set(anyRole);
                allRoles = Frozen.set(allRoles);
                scopes = Frozen.set(scopes);
                claims = Frozen.map(claims);
            }
        }
    }

    /**
     * The user may have come by a hop token: through services that are all in {@code from}, the one whose sidecar verified the user's own token and every other before the caller; {@code maxHops} counts the services
     * that carried the user, the caller among them, from 1.
     */
    public record Via(SortedSet<String> from, int maxHops) {
        public static final int HOPS_MAX = 8;

        public Via {
            from = Frozen.set(from);
        }

        /** {@code carriedBy} as of {@link User}. */
        boolean admits(List<String> carriedBy) {
            if (carriedBy.isEmpty() || carriedBy.size() > maxHops || !from.contains(carriedBy.getFirst())) {
                return false;
            }
            for (int i = 1; i < carriedBy.size() - 1; i++) {
                if (!from.contains(carriedBy.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * {@code rate: 50/s}: {@code requests} in {@code window}, at most {@code burst} at once (GCRA). The sidecar applies it after an allow; local to that sidecar.
     */
    public record Limit(int requests, Duration window, int burst, Per per) {
        /** What has a bucket of its own. */
        public enum Per {
            CALLER,
            USER,
            ROUTE
        }
    }

    /** When a request of the route is forwarded, measured by its record (design section 7). */
    public enum AuditMode {
        /** The default: written within 10 ms, on disk within 1 s. */
        BUFFERED,
        /** The response waits for the record; safe methods only. */
        OVERLAPPED,
        /** Nothing is forwarded without a durable record. */
        REQUIRED
    }

    /** How an input appears on record. */
    public enum Recording {
        CLEAR,
        KEYED,
        NO
    }
}
