package dev.sallyport.server.budget;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * "If it died now and stayed dead: who fails first, and when has half of the mesh failed?" Asked once for the control plane and, where Vault signs, once for Vault. Of running workloads; none of them, no outages.
 * Pure.
 *
 * @param at when this was so
 * @param late workloads whose renewal should have happened by now
 */
public record OutageBudget(AuthorityKind kind, Instant at, int workloads, int late, List<Outage> outages) {
    /** Who is dead. */
    public enum Lost {
        CONTROL_PLANE("control-plane"),
        VAULT("vault");

        private final String code;

        Lost(String code) {
            this.code = code;
        }

        /** The word on pages and in metrics. */
        public String code() {
            return code;
        }
    }

    /** What a workload lacks then. */
    public enum Lack {
        /** Its certificate has ended: no peer talks to it. */
        CERTIFICATE("certificate"),
        /** Its policy snapshot has ended: it denies every request. */
        SNAPSHOT("policy snapshot");

        private final String code;

        Lack(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /** A workload that fails, and why. */
    public record Failure(Instant at, String identity, String instance, Lack lack) {}

    /** {@code half}: the failure with which half of all workloads, or more, have failed. */
    public record Outage(Lost lost, Failure first, Failure half) {}

    public OutageBudget {
        outages = List.copyOf(outages);
    }

    /** {@code snapshotsEnd}: until when sidecars act on the policy that they hold. */
    static OutageBudget of(Instant now, Standing standing, Collection<Workload> workloads, Instant snapshotsEnd) {
        List<Outage> outages = new ArrayList<>();
        // Nobody renews, and nobody gets another snapshot either: whichever ends sooner.
        outage(
                        Lost.CONTROL_PLANE,
                        workloads,
                        workload -> workload.notAfter().isAfter(snapshotsEnd)
                                ? failure(workload, snapshotsEnd, Lack.SNAPSHOT)
                                : failure(workload, workload.notAfter(), Lack.CERTIFICATE))
                .ifPresent(outages::add);
        if (standing.kind() != AuthorityKind.EMBEDDED) {
            // Leaves can be signed without Vault until then, and none of them outlives what signed it.
            Instant aloneUntil = standing.aloneUntil().orElse(now);
            outage(Lost.VAULT, workloads, workload -> {
                        boolean renewsOnce = aloneUntil.isAfter(workload.notAfter());
                        return failure(workload, renewsOnce ? aloneUntil : workload.notAfter(), Lack.CERTIFICATE);
                    })
                    .ifPresent(outages::add);
        }
        int late =
                (int) workloads.stream().filter(workload -> workload.late(now)).count();
        return new OutageBudget(standing.kind(), now, workloads.size(), late, outages);
    }

    /** The failure that comes before all others, whoever is dead. */
    public Optional<Failure> first() {
        return outages.stream().map(Outage::first).min(Comparator.comparing(Failure::at));
    }

    private static Failure failure(Workload workload, Instant at, Lack lack) {
        return new Failure(at, workload.identity(), workload.instance(), lack);
    }

    private static Optional<Outage> outage(
            Lost lost, Collection<Workload> workloads, Function<Workload, Failure> failing) {
        List<Failure> failures = workloads.stream()
                .map(failing)
                .sorted(Comparator.comparing(Failure::at)
                        .thenComparing(Failure::identity)
                        .thenComparing(Failure::instance))
                .toList();
        return failures.isEmpty()
                ? Optional.empty()
                : Optional.of(new Outage(lost, failures.getFirst(), failures.get((failures.size() - 1) / 2)));
    }
}
