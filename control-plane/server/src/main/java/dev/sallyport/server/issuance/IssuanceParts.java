package dev.sallyport.server.issuance;

import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.mesh.MeshState;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about certificates that shares one store, put together, with its periodic work. */
public final class IssuanceParts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IssuanceParts.class);
    private static final Duration COUNTS_EVERY = Duration.ofSeconds(20);
    private static final Duration ENDED_EVERY = Duration.ofMinutes(1);
    /** In the log, which is elsewhere: whoever rewrites the record and its head in the store does not rewrite that. */
    private static final Duration HEAD_EVERY = Duration.ofHours(1);

    private static final Duration FORGET_EVERY = Duration.ofHours(6);

    /** What the configuration says: {@code leafLives} by service, {@code leafLife} for all others. */
    public record Settings(
            Duration leafLife, Map<String, Duration> leafLives, Optional<KubernetesSettings> kubernetes) {}

    private final Clock clock;
    private final Issuance issuance;
    private final Canaries canaries;
    private final Certificates certificates;
    private final CertificateEvents events;
    private final RevocationStore revocations;
    private final RevocationNotices notices;
    private final Refusals refusals;

    /**
     * {@code signer}: whom to tell of revocations. IOException: a file that the settings name cannot be read.
     */
    public IssuanceParts(
            Settings settings,
            Store store,
            Authorities authorities,
            RevocationNotices.Signer signer,
            TrustDomain trustDomain,
            Supplier<MeshState> mesh,
            RevocationStore revocations,
            SigningPause pause,
            Clock clock,
            MeterRegistry metrics)
            throws IOException {
        this.clock = clock;
        this.revocations = revocations;
        certificates = new Certificates(store);
        events = new CertificateEvents(store);
        refusals = new Refusals(events, clock);
        notices = new RevocationNotices(store, signer, clock);
        RenewalSlots slots = new RenewalSlots(new SecureRandom());
        Instant now = clock.instant();
        slots.restore(now, certificates.planned(now));
        List<Attestation> attestations = new ArrayList<>(List.of(new JoinTokenAttestation(store)));
        if (settings.kubernetes().isPresent()) {
            attestations.add(new KubernetesAttestation(settings.kubernetes().get(), trustDomain, mesh));
        }
        LeafSigning signing = new LeafSigning(pause);
        IssuancePolicy policy = new IssuancePolicy(mesh, settings.leafLife(), settings.leafLives(), System::nanoTime);
        Outcomes outcomes = new Outcomes(refusals, metrics);
        canaries = new Canaries(store, policy, authorities, signing, outcomes, clock);
        issuance = new Issuance(store, attestations, policy, authorities, signing, slots, revocations, outcomes, clock);
        Gauge.builder("sallyport_revocations_in_force", revocations, RevocationStore::serialsInForce)
                .description("Revoked certificates that every snapshot names, each to every sidecar; at most "
                        + RevocationStore.SERIALS_MAX + " after a reinstatement")
                .register(metrics);
        Gauge.builder("sallyport_revocations_untold", notices, RevocationNotices::waiting)
                .description("Revoked certificates of which the authority that signed them has still to be told")
                .register(metrics);
    }

    /** Periodic work, each piece on {@code timer}; only what waits for an authority has a thread of its own. */
    public void start(ScheduledExecutorService timer) {
        revocations.onChange(_ -> notices.look());
        notices.start();
        every(timer, COUNTS_EVERY, this::recordCounts);
        every(timer, ENDED_EVERY, revocations::sweep);
        every(timer, FORGET_EVERY, () -> certificates.forgetLongEnded(clock.instant()));
        every(timer, HEAD_EVERY, () -> log.info("certificate events: {}", events.head()));
        every(timer, FORGET_EVERY, () -> events.forgetOld(clock.instant()));
    }

    private static void every(ScheduledExecutorService timer, Duration period, Runnable work) {
        Runnable safely = () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                log.error("certificates: periodic work failed; it is tried again", e);
            }
        };
        timer.scheduleWithFixedDelay(safely, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Puts on record what was refused so often that it was only counted. */
    void recordCounts() {
        refusals.flush();
    }

    public Issuance issuance() {
        return issuance;
    }

    public Canaries canaries() {
        return canaries;
    }

    public Certificates certificates() {
        return certificates;
    }

    public CertificateEvents events() {
        return events;
    }

    public RevocationStore revocations() {
        return revocations;
    }

    /** Records what was only counted yet. Before the store closes. */
    @Override
    public void close() {
        notices.close();
        refusals.flushAll();
    }
}
