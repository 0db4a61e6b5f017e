package dev.sallyport.server;

import dev.sallyport.server.collector.AuditRecords;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.collector.CollectorSettings;
import dev.sallyport.server.copies.Copies;
import dev.sallyport.server.http.AuditRoutes;
import dev.sallyport.server.http.RecordRoutes;
import dev.sallyport.server.http.Routes;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.records.LogEntries;
import dev.sallyport.server.records.RecordFollower;
import dev.sallyport.server.records.RecordIndex;
import dev.sallyport.server.stream.Sidecars;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** The record of the mesh: its collector, in {@code <state>/audit}, the index beside it, its copies, and what people ask of them. */
record AuditParts(Collector collector, RecordIndex index, RecordFollower follower, Copies copies, Routes routes)
        implements AutoCloseable {
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
        try {
            RecordIndex index =
                    RecordIndex.open(foundation.state().path().resolve("audit").resolve("records.db"));
            CollectedEntries entries = new CollectedEntries(collector.records());
            RecordFollower follower = new RecordFollower(index, entries);
            Copies copies = Copies.of(
                    config.audit().copies(),
                    foundation.state().path().resolve("audit").resolve("copies"),
                    entries,
                    live.fetch(),
                    clock,
                    metrics);
            collector.records().listen((_, _) -> {
                follower.wake();
                copies.wake();
            });
            follower.start();
            copies.start();
            RecordRoutes records =
                    new RecordRoutes(index, collector.records(), collector.policies(), live.mesh(), clock);
            Routes routes = server -> {
                new AuditRoutes(collector, copies).serve(server);
                records.serve(server);
            };
            return new AuditParts(collector, index, follower, copies, routes);
        } catch (IOException | RuntimeException e) {
            collector.close();
            throw e;
        }
    }

    /** The collected log as its index reads it. */
    private record CollectedEntries(AuditRecords records) implements LogEntries {
        @Override
        public long size() {
            return records.size();
        }

        @Override
        public long first() {
            return records.oldest();
        }

        @Override
        public List<byte[]> entries(long from, int max) throws IOException {
            return records.entries(from, max);
        }
    }

    /** The log's name, for good. */
    private static String origin(MeshIdentity mesh) {
        return "audit." + mesh.trustDomain().name() + "/" + mesh.name();
    }

    @Override
    public void close() {
        copies.close();
        follower.close();
        try {
            index.close();
        } catch (IOException e) {
            // It can be made again out of the log.
        }
        collector.close();
    }
}
