package dev.sallyport.server;

import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.collector.CollectorSettings;
import dev.sallyport.server.http.AuditRoutes;
import dev.sallyport.server.http.Routes;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.stream.Sidecars;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;

/** The record of the mesh: its collector, in {@code <state>/audit}, and what people ask of it. */
record AuditParts(Collector collector, Routes routes) implements AutoCloseable {
    /** IOException: what is there is damaged, or another process has it. */
    static AuditParts open(
            ServerConfig config,
            Foundation foundation,
            LiveParts live,
            Certificates certificates,
            Sidecars sidecars,
            Clock clock,
            MeterRegistry metrics)
            throws IOException {
        Collector collector = Collector.open(
                new CollectorSettings(
                        foundation.state().path().resolve("audit"),
                        origin(foundation.mesh()),
                        config.audit().witnesses(),
                        config.audit().quorum()),
                new AuditSurroundings(foundation.authorities(), certificates, live.mesh(), sidecars, live.fetch()),
                foundation.store(),
                clock,
                metrics);
        // What sidecars decide by is kept before anybody reads in a record that they did.
        live.documents().current().ifPresent(collector.policies()::keep);
        live.documents().onChange(collector.policies()::keep);
        return new AuditParts(collector, new AuditRoutes(collector));
    }

    /** The log's name, for good. */
    private static String origin(MeshIdentity mesh) {
        return "audit." + mesh.trustDomain().name() + "/" + mesh.name();
    }

    @Override
    public void close() {
        collector.close();
    }
}
