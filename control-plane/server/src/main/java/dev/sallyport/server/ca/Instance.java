package dev.sallyport.server.ca;

import java.util.Optional;
import java.util.stream.Stream;

/** A sidecar that holds certificates: whose identity they carry, and its own stable random id. */
public record Instance(String identity, String id) {
    /** {@code service/instance}; of a service that is not declared, with its identity. */
    String name(Optional<String> service) {
        return service.orElse(identity) + "/" + id;
    }

    /** Under which it can be excluded, with others of its kind or alone. */
    Stream<String> names(Optional<String> service) {
        return Stream.concat(service.stream(), Stream.of(name(service), identity));
    }
}
