package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/** The {@code Guardrail} document: denials that no allow rule can override. {@code dryRun}: denies nothing, and its verdict is recorded. */
public record Guardrail(String name, Optional<String> owner, boolean dryRun, SortedMap<String, Denial> deny) {
    public Guardrail {
        deny = Frozen.map(deny);
    }

    /**
     * Denies a request to one of {@code to} that it is about ({@code matches}, {@code from}, {@code when}; absent: every request) unless everything that stands under an
     * {@code unless} holds. What is missing, bad, repeated or fails never holds, and a {@code when} that fails counts as true: replacing a good fact by a bad one never widens.
     */
    public record Denial(
            String name,
            Targets to,
            List<LooseMatch> matches,
            Optional<Callers> from,
            Optional<When> when,
            Optional<Callers> unlessFrom,
            Optional<UserRequirement> unlessUser,
            List<FieldCondition> unlessFields,
            Optional<When> unlessWhen) {
        public Denial {
            matches = List.copyOf(matches);
            unlessFields = List.copyOf(unlessFields);
        }
    }

    /** The services that are called; {@code anyMesh}: each of the Mesh. */
    public record Targets(boolean anyMesh, SortedSet<String> services) {
        public Targets {
            services = Frozen.set(services);
        }

        /** Whether a request to {@code service} is meant. */
        public boolean includes(String service) {
            return anyMesh || services.contains(service);
        }
    }

    /**
     * {@code /admin/**} or {@code POST /admin/**}; without a method every one. Matches the loosest reading of a path that the service's application may have ({@link Paths}):
     * percent-encoding decoded, any case, with or without a trailing slash; {@code /admin/**} means {@code /admin} too.
     */
    public record LooseMatch(Optional<String> method, PathTemplate path) {
        @Override
        public String toString() {
            return method.map(name -> name + " ").orElse("") + path;
        }
    }
}
