package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** A running sidecar by its ready line. Addresses are {@code host:port}. */
record Sidecar(
        String service,
        String id,
        String serial,
        Instant notAfter,
        String inbound,
        String outbound,
        JsonNode upstreams,
        String admin) {
    static Sidecar of(JsonNode ready) {
        return new Sidecar(
                ready.path("service").asText(),
                ready.path("spiffeId").asText(),
                ready.path("serial").asText(),
                Instant.parse(ready.path("notAfter").asText()),
                ready.path("inbound").asText(),
                ready.path("outbound").asText(),
                ready.path("upstreams"),
                ready.path("admin").asText());
    }

    /** Base URL of the loopback listener that leads to {@code destination}. */
    String upstream(String destination) {
        String address = upstreams.path(destination).asText();
        if (address.isEmpty()) {
            throw new IllegalStateException(service + " has no upstream " + destination);
        }
        return "http://" + address;
    }
}
