package dev.sallyport.authoring.diff;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.UserFact;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Requests that no route of either set tells apart, shown by one of them: {@code label} is how people read it, {@code host} empty for every host that no route names.
 */
record Cell(Optional<String> host, String label, RequestFacts sample) {
    /** {@code path}: a sample that matches {@code template} and nothing more specific. */
    static Cell http(Optional<String> host, String method, PathTemplate template, String path) {
        String at = host.map(name -> " at " + name).orElse("");
        return new Cell(
                host,
                method + " " + template + at,
                GivenFacts.of(Optional.empty(), method, path).at(host.orElse("")));
    }

    static Cell tcp(int port) {
        return new Cell(Optional.empty(), "tcp " + port, new Connection(port));
    }

    /** A connection to an opaque port: nothing else is known of it. */
    private record Connection(int port) implements RequestFacts {
        @Override
        public Optional<SpiffeId> caller() {
            return Optional.empty();
        }

        @Override
        public String method() {
            return "";
        }

        @Override
        public String host() {
            return "";
        }

        @Override
        public String path() {
            return "";
        }

        @Override
        public Optional<String> query() {
            return Optional.empty();
        }

        @Override
        public List<String> header(String name) {
            return List.of();
        }

        @Override
        public UserFact user() {
            return new UserFact.Absent();
        }

        @Override
        public OptionalInt tcpPort() {
            return OptionalInt.of(port);
        }
    }
}
