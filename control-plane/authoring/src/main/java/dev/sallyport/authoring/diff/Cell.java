package dev.sallyport.authoring.diff;

import dev.sallyport.policy.GivenConnection;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RequestFacts;
import java.util.Optional;

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
        return new Cell(Optional.empty(), "tcp " + port, new GivenConnection(Optional.empty(), port));
    }
}
