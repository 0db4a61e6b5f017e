package dev.sallyport.proxy.outbound;

import dev.sallyport.policy.Mesh;
import java.util.Optional;
import java.util.OptionalInt;

/** A declared port of a declared service. */
record Destination(Mesh.Service service, int port, Mesh.PortKind kind) {
    /**
     * By name: {@code orders}, {@code orders.shop.example}; the port must be declared, and may be left out where there is only one. Addresses and loopback names are not service
     * names, so they find nothing.
     */
    static Optional<Destination> find(String host, OptionalInt port, Mesh mesh) {
        String suffix = "." + mesh.trustDomain().name();
        String name = host.endsWith(suffix) ? host.substring(0, host.length() - suffix.length()) : host;
        return Optional.ofNullable(mesh.services().get(name))
                .filter(service -> port.isPresent() || service.ports().size() == 1)
                .flatMap(service -> {
                    int number = port.orElseGet(() -> service.ports().firstKey());
                    return Optional.ofNullable(service.ports().get(number))
                            .map(kind -> new Destination(service, number, kind));
                });
    }

    /** What the application at the other end reads as Host: the service's own name, wherever the request came in. */
    String authority() {
        return service.ports().size() == 1 ? service.name() : service.name() + ":" + port;
    }
}
