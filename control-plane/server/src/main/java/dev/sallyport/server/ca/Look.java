package dev.sallyport.server.ca;

import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.CaView.CertificateLine;
import dev.sallyport.server.ca.CaView.GateLine;
import dev.sallyport.server.ca.CaView.GenerationLine;
import dev.sallyport.server.ca.CaView.HolderLine;
import dev.sallyport.server.ca.CaView.MissingLine;
import dev.sallyport.server.ca.CaView.RotationLine;
import dev.sallyport.server.ca.Fleet.Seen;
import dev.sallyport.server.ca.Holdings.Holding;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What people see of it all, read from the store at the moment. Any thread; blocks, but waits for no rotation. */
final class Look {
    private static final Comparator<HolderLine> LAST_SEEN_FIRST = Comparator.comparing(
                    (HolderLine line) -> line.lastSeen().orElse(Instant.MIN))
            .reversed()
            .thenComparing(HolderLine::name);

    private final Authorities authorities;
    private final CaRotation rotation;
    private final Fleet fleet;

    Look(Authorities authorities, CaRotation rotation, Fleet fleet) {
        this.authorities = authorities;
        this.rotation = rotation;
        this.fleet = fleet;
    }

    CaView view() {
        Map<Instance, Seen> seen = rotation.seen();
        List<Holding> held = rotation.holdings();
        Optional<Rotation> latest = authorities.ledger().latest();
        Set<Instance> done = latest.flatMap(one -> rotation.report(one, seen, held))
                .map(report -> done(report, held))
                .orElse(Set.of());
        return new CaView(
                authorities.signing().number(),
                authorities.ledger().generations().stream().map(this::line).toList(),
                latest.map(one -> line(one, seen, held)),
                lines(held, seen, Comparator.comparing(HolderLine::name)),
                lines(
                                held.stream()
                                        .filter(holding -> !done.contains(holding.instance()))
                                        .toList(),
                                seen,
                                LAST_SEEN_FIRST)
                        .stream()
                        .filter(line -> !line.connected())
                        .toList());
    }

    /** Who has what the phase wants stays, connected or not. */
    private static Set<Instance> done(Gate.Report report, List<Holding> held) {
        Set<Instance> missing =
                report.missing().stream().map(Gate.Missing::instance).collect(Collectors.toUnmodifiableSet());
        return held.stream()
                .map(Holding::instance)
                .filter(instance -> !missing.contains(instance))
                .collect(Collectors.toUnmodifiableSet());
    }

    private List<HolderLine> lines(List<Holding> held, Map<Instance, Seen> seen, Comparator<HolderLine> order) {
        return held.stream()
                .map(holding -> line(holding, Optional.ofNullable(seen.get(holding.instance()))))
                .sorted(order)
                .toList();
    }

    private GenerationLine line(GenerationRow row) {
        Optional<CertificateAuthority> open = authorities.of(row.number()).map(Generation::authority);
        Optional<Standing> standing = open.map(CertificateAuthority::standing);
        List<X509Certificate> roots = open.map(CertificateAuthority::trustBundle)
                .or(row::roots)
                .map(bundle -> bundle.authorities())
                .orElse(List.of());
        return new GenerationLine(
                row.number(),
                row.kind().code(),
                row.state().code(),
                roots.stream().map(Look::line).toList(),
                standing.map(Standing::issuer).map(Look::line),
                standing.flatMap(Standing::next).map(Look::line),
                row.createdAt(),
                row.activatedAt(),
                row.retiredAt(),
                standing.flatMap(Standing::problem));
    }

    private static CertificateLine line(X509Certificate certificate) {
        return new CertificateLine(
                certificate.getSubjectX500Principal().getName(),
                X509Svid.fingerprintOf(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    private RotationLine line(Rotation latest, Map<Instance, Seen> seen, List<Holding> held) {
        Optional<GateLine> gate = rotation.report(latest, seen, held).map(Look::line);
        return new RotationLine(
                latest.id(),
                latest.subject().code(),
                latest.from(),
                latest.to(),
                latest.phase().code(),
                latest.changedAt(),
                latest.startedBy(),
                latest.startedAt(),
                latest.emergency(),
                latest.excluded().stream().sorted().toList(),
                gate,
                latest.problem(),
                latest.because());
    }

    private static GateLine line(Gate.Report report) {
        List<MissingLine> missing = report.missing().stream()
                .map(one -> new MissingLine(one.name(), one.connected(), one.excluded(), one.reason(), one.endsAt()))
                .toList();
        return new GateLine(report.total(), report.passed(), missing);
    }

    private HolderLine line(Holding holding, Optional<Seen> seen) {
        Instance instance = holding.instance();
        return new HolderLine(
                instance.name(fleet.service(instance.identity())),
                seen.filter(Seen::connected).isPresent(),
                seen.flatMap(Seen::lastSeen),
                holding.end());
    }
}
