package dev.sallyport.server.ca;

import java.util.Optional;

/** A sidecar that holds certificates: whose identity they carry, and its own stable random id. */
public record Instance(String identity, String id) {
    /** {@code service/instance}; of a service that is not declared, with its identity. */
    String name(Optional<String> service) {
        return service.orElse(identity) + "/" + id;
    }
}
