package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** The {@code RoutePolicy} document of one destination service; default deny. {@code owner} from the annotation {@code sallyport.dev/owner}. */
public record RoutePolicy(String name, String service, Optional<String> owner, SortedMap<String, Route> routes) {
    public RoutePolicy {
        routes = Frozen.map(routes);
    }

    /** A named route: any of {@code matches}. Rules by name. */
    public record Route(String name, List<Match> matches, SortedMap<String, Rule> allow) {
        public Route {
            matches = List.copyOf(matches);
            allow = Frozen.map(allow);
        }
    }

    /** {@code POST /charges/{id}/refunds}. */
    public record Match(String method, PathTemplate path) {
        /** Whether a request of this method asks for a change. RFC 9110 section 9.2.1. */
        public boolean mutating() {
            return Methods.isMutating(method);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** Inside a rule everything must hold. {@code forwardToken}: the user's own token goes on to the application. */
    public record Rule(String name, Callers from, UserRequirement user, boolean forwardToken) {}

    /** Who may call. {@code anyMesh}: every identity that the Mesh declares. {@code names} as written, sorted. */
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

        /** A good token of {@code issuer} and everything that is stated; absent parts state nothing. */
        record Conditions(
                String issuer,
                Optional<String> subject,
                Set<String> anyRole,
                Set<String> allRoles,
                Set<String> scopes,
                Map<String, String> claims)
                implements UserRequirement {
            public Conditions {
                anyRole = Frozen.set(anyRole);
                allRoles = Frozen.set(allRoles);
                scopes = Frozen.set(scopes);
                claims = Frozen.map(claims);
            }
        }
    }
}
