package dev.sallyport.server.http;

import dev.sallyport.server.budget.OutagePage;
import dev.sallyport.server.budget.OutageWatch;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.collector.CollectorStatus;
import dev.sallyport.server.issuer.Issuers;
import dev.sallyport.server.mesh.FolderAuthor;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.mesh.PolicyStore;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.stream.Sidecars;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What {@code /v1/status} says. */
public final class StatusPage {
    private final MeshIdentity mesh;
    private final PolicyStore documents;
    private final Optional<FolderAuthor> folder;
    private final Issuers issuers;
    private final Sidecars sidecars;
    private final OutageWatch outages;
    private final SigningPause pause;
    private final Collector collector;

    public StatusPage(
            MeshIdentity mesh,
            PolicyStore documents,
            Optional<FolderAuthor> folder,
            Issuers issuers,
            Sidecars sidecars,
            OutageWatch outages,
            SigningPause pause,
            Collector collector) {
        this.mesh = mesh;
        this.documents = documents;
        this.folder = folder;
        this.issuers = issuers;
        this.sidecars = sidecars;
        this.outages = outages;
        this.pause = pause;
        this.collector = collector;
    }

    /** {@code drillSecondsLeft}: while a drill lets the authority sign nothing. */
    record Status(
            String mesh,
            String trustDomain,
            long epoch,
            long revision,
            String digest,
            Author documents,
            List<Issuers.Status> issuers,
            Counts sidecars,
            OutagePage outageBudget,
            Recorded audit,
            Optional<Long> drillSecondsLeft) {}

    record Author(String author, Optional<String> folder, Optional<String> lastError) {}

    record Counts(long connected, long applied, long refused) {}

    /** {@code published}: leaves under the checkpoint that readers see; {@code findings}: open ones; {@code problem}: why nothing is taken. */
    record Recorded(
            long size,
            long pending,
            long published,
            int witnesses,
            int cosigned,
            int quorum,
            long streams,
            long findings,
            Optional<String> problem) {
        static Recorded of(CollectorStatus status) {
            return new Recorded(
                    status.size(),
                    status.pending(),
                    status.checkpoint().map(CollectorStatus.Published::size).orElse(0L),
                    status.witnesses().configured().size(),
                    status.witnesses().cosigned().size(),
                    status.witnesses().quorum(),
                    status.streams().size(),
                    status.findings(),
                    status.problem());
        }
    }

    Status status() {
        Optional<PolicyVersion> version = documents.current();
        long revision = version.map(PolicyVersion::revision).orElse(0L);
        return new Status(
                mesh.name(),
                mesh.trustDomain().name(),
                mesh.epoch(),
                revision,
                version.map(PolicyVersion::digest).orElse(""),
                new Author(
                        folder.isPresent() ? "folder" : "api",
                        folder.map(author -> author.folder().toString()),
                        folder.flatMap(FolderAuthor::lastError)),
                issuers.status(),
                new Counts(
                        sidecars.connectedCount(),
                        sidecars.appliedCount(mesh.epoch(), revision),
                        sidecars.refusedCount()),
                OutagePage.of(outages),
                Recorded.of(collector.status()),
                pause.left().map(Duration::toSeconds));
    }
}
