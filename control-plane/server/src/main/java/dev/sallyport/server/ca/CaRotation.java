package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.ca.Fleet.Seen;
import dev.sallyport.server.ca.Holdings.Held;
import dev.sallyport.server.ca.Holdings.Holding;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * How one authority follows another: a state machine whose state is in the store. A phase is durable before anything of it shows; what a phase does can be done again, so that a
 * process which ends anywhere goes on when it is started again. See {@link Phase} for the order.
 *
 * <p>{@link #step} does what can be done now and returns; somebody calls it again and again. One thread at a time works, others wait for it.
 */
final class CaRotation {
    private static final Duration PROBE_LIFE = Duration.ofMinutes(1);

    private final Authorities authorities;
    private final Ledger ledger;
    private final Holdings holdings;
    private final Fleet fleet;
    private final CaEvents events;
    private final Clock clock;
    private final Asking asking;
    private final Duration settle;
    private boolean followed; // guarded by this: whether the fleet was told of the phase
    private Optional<Instant> openSince = Optional.empty(); // guarded by this: the gate of the phase

    /** {@code settle}: how long requests may take that are under way on connections of an old certificate when its root is about to go; {@code nanos}: for {@link Pace}. */
    CaRotation(
            Store store,
            Authorities authorities,
            Fleet fleet,
            CaEvents events,
            Clock clock,
            Duration settle,
            LongSupplier nanos) {
        this.authorities = authorities;
        this.ledger = authorities.ledger();
        this.holdings = new Holdings(store);
        this.fleet = fleet;
        this.events = events;
        this.clock = clock;
        this.asking = new Asking(clock, nanos);
        this.settle = settle;
    }

    /** The one that is not over. */
    Optional<Rotation> underWay() {
        return ledger.latest().filter(rotation -> !rotation.phase().over());
    }

    /** Begins, and stages at once: what is wrong with the next authority shows in the answer. */
    synchronized void begin(RotationRequest wanted, String by) throws RotationRefusedException {
        Optional<Rotation> other = underWay();
        if (other.isPresent()) {
            throw new RotationRefusedException(
                    "a rotation is under way, at " + other.get().phase().code() + " since "
                            + other.get().changedAt() + " (expected: none; see ca abort and ca continue)");
        }
        Generation from = authorities.signing();
        AuthorityKind kind = wanted.to().orElse(from.kind());
        refuseUnknown(wanted.exclude());
        Rotation begun = ledger.begin(
                wanted.subject(), from.number(), kind, wanted.emergency(), wanted.exclude(), by, clock.instant());
        followed = false;
        record(
                begun,
                by,
                by + " begins to replace the " + wanted.subject().code() + ": generation " + from.number() + " ("
                        + from.kind().code() + ") by " + begun.to() + " (" + kind.code() + ")"
                        + (wanted.emergency() ? ", emergency: gates wait for nobody who is away" : "")
                        + (wanted.exclude().isEmpty() ? "" : ", without waiting for " + wanted.exclude()));
        step();
        Rotation staged = ledger.latest().orElseThrow();
        if (staged.phase() == Phase.ABORTED) {
            throw new RotationRefusedException(
                    staged.because().orElse("the next authority cannot be used") + "; nothing was changed");
        }
    }

    /** The one under way; {@code seen}: the number of the one that the asker speaks of, which may be over, and another one somebody else's. */
    private Rotation underWay(Optional<Integer> seen) throws RotationRefusedException {
        Rotation rotation = underWay().orElseThrow(CaRotation::none);
        if (seen.isPresent() && seen.get() != rotation.id()) {
            throw new RotationRefusedException("rotation " + seen.get() + " is over (expected: " + rotation.id()
                    + ", which " + rotation.startedBy() + " began at " + rotation.startedAt() + ")");
        }
        return rotation;
    }

    /** Goes back, at any time before the old authority retires; from the way back, forward again. */
    synchronized void abort(Optional<Integer> seen, String by) throws RotationRefusedException {
        Rotation rotation = underWay(seen);
        String because = "aborted by " + by + " at " + rotation.phase().code();
        switch (rotation.phase()) {
            case STAGE, DISTRIBUTE, ACTIVATE -> abort(rotation, Phase.WITHDRAW, by, because);
            case REISSUE -> {
                refuseUnlessSigns(rotation.from());
                abort(rotation, Phase.RETURN, by, because);
            }
            // The way back may end at an authority that died on it: the way forward is open as long as nobody left it.
            case RETURN -> {
                refuseUnlessSigns(rotation.to());
                entered(
                        ledger.move(rotation, Phase.REISSUE, clock.instant()),
                        by,
                        by + " aborts the abort: generation " + rotation.to() + " signs again");
            }
            case RETIRE ->
                throw new RotationRefusedException(
                        "the old authority is retiring (expected: an earlier phase; rotate again instead)");
            case WITHDRAW ->
                throw new RotationRefusedException(
                        "the new authority is being withdrawn already (expected: an earlier phase)");
            case DONE, ABORTED -> throw none();
        }
        step();
    }

    /** Tries again at once; from now on without waiting for {@code exclude}, and, if {@code emergency}, for nobody who is away. */
    synchronized void proceed(Optional<Integer> seen, List<String> exclude, boolean emergency, String by)
            throws RotationRefusedException {
        Rotation rotation = underWay(seen);
        refuseUnknown(exclude);
        if (!exclude.isEmpty()) {
            rotation = ledger.exclude(rotation, exclude, by, clock.instant());
            record(rotation, by, by + " excludes " + exclude);
        }
        if (emergency && !rotation.emergency()) {
            rotation = ledger.emergency(rotation);
            record(rotation, by, by + " declares an emergency: gates wait for nobody who is away");
        }
        asking.restart();
        step();
    }

    /** Notes what an instance says of its canary. False: nobody asked for that one. */
    boolean canary(Instance instance, String authority, Optional<String> refused) {
        Optional<Rotation> asking = underWay()
                .filter(rotation -> rotation.phase() == Phase.DISTRIBUTE
                        && Integer.toString(rotation.to()).equals(authority));
        asking.ifPresent(rotation -> {
            ledger.canary(rotation, instance, refused, clock.instant());
        });
        return asking.isPresent();
    }

    /** It has a new stream: what it was asked on the old one may be lost. */
    void connected(Instance instance) {
        asking.forget(instance);
    }

    /** Does what can be done now. */
    synchronized void step() {
        Optional<Rotation> rotation = underWay();
        while (rotation.isPresent() && advance(rotation.get())) {
            rotation = underWay();
        }
    }

    /** True: it is in another phase now. */
    private boolean advance(Rotation rotation) {
        Optional<String> problem = reopen(rotation);
        try {
            if (!followed && rotation.phase() != Phase.STAGE) {
                fleet.follow();
                followed = true;
            }
            if (work(rotation)) {
                return true;
            }
        } catch (IssuanceRefusedException | AuthorityUnavailableException | IOException e) {
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        note(rotation, problem);
        return false;
    }

    private boolean work(Rotation rotation)
            throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        return switch (rotation.phase()) {
            case STAGE -> stage(rotation);
            case DISTRIBUTE ->
                gate(rotation, (instance, _) -> fleet.tryCanary(instance, Integer.toString(rotation.to())))
                        && moved(rotation, Phase.ACTIVATE, "the canary is passed");
            case ACTIVATE -> activate(rotation);
            case REISSUE -> gate(rotation, fleet::rotate) && moved(rotation, Phase.RETIRE, "the old one is left");
            case RETURN -> gate(rotation, fleet::rotate) && moved(rotation, Phase.WITHDRAW, "the new one is left");
            case RETIRE -> end(rotation, Phase.DONE, rotation.from());
            case WITHDRAW -> end(rotation, Phase.ABORTED, rotation.to());
            case DONE, ABORTED -> false;
        };
    }

    /** Nothing of it has left this process: what does not fit is given up at once. */
    private boolean stage(Rotation rotation) {
        Optional<String> problem;
        try {
            Generation next = authorities.stage(rotation);
            problem = Fitness.problem(rotation.subject(), authorities.active(), next.authority());
        } catch (IOException e) {
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        if (problem.isPresent()) {
            abort(rotation, Phase.WITHDRAW, "", problem.get());
            return true;
        }
        return moved(rotation, Phase.DISTRIBUTE, "both roots are trusted from now on");
    }

    /** What a restart could not open; only a phase that needs it stands still for that. */
    private Optional<String> reopen(Rotation rotation) {
        try {
            authorities.reopen(rotation);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private boolean activate(Rotation rotation)
            throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        probe(rotation.to());
        return moved(rotation, Phase.REISSUE, "it signs from now on");
    }

    private void probe(int generation) throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        CertificateAuthority probed = authorities
                .of(generation)
                .orElseThrow(() -> new IOException("generation " + generation + " is not open"))
                .authority();
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        probed.issue(request, SpiffeId.controlPlane(probed.trustBundle().trustDomain()), PROBE_LIFE);
    }

    /** Where nobody signs, nobody gets on: the mesh would end with its leaves, beside an authority that could have signed. */
    private void refuseUnlessSigns(int generation) throws RotationRefusedException {
        try {
            probe(generation);
        } catch (IssuanceRefusedException | AuthorityUnavailableException | IOException e) {
            throw new RotationRefusedException(
                    "generation " + generation + " cannot sign now, so it cannot sign again: " + e.getMessage()
                            + " (expected: one that signs; the other one goes on)");
        }
    }

    /** Whether the gate is open; those it waits for are asked, at a bounded pace. */
    private boolean gate(Rotation rotation, BiConsumer<Instance, String> ask) {
        Map<Instance, Seen> seen = seen();
        if (rotation.phase() != Phase.DISTRIBUTE) {
            noteShown(seen);
        }
        Gate.Report report = report(rotation, seen, holdings()).orElseThrow();
        if (report.open(rotation.emergency(), asking::patient)) {
            if (!settled(rotation)) {
                return false;
            }
            if (!report.missing().isEmpty()) {
                record(rotation, "", "goes on without " + report.names());
            }
            return true;
        }
        openSince = Optional.empty();
        String why = "the authority changes: " + rotation.phase().code();
        asking.ask(report.missing(), report.total(), instance -> ask.accept(instance, why));
        return false;
    }

    /** Connections that were opened with an old certificate end with its root: what is under way on them gets its time. In an emergency it does not, and without a root to lose it needs none. */
    private boolean settled(Rotation rotation) {
        Instant now = clock.instant();
        Instant since = openSince.orElse(now);
        openSince = Optional.of(since);
        return rotation.phase() == Phase.DISTRIBUTE
                || rotation.emergency()
                || authorities.bundle().equals(authorities.active().trustBundle())
                || !now.isBefore(since.plus(settle));
    }

    /** What the phase waits for, if it is one that waits. */
    Optional<Gate.Report> report(Rotation rotation, Map<Instance, Seen> seen, List<Holding> held) {
        Gate gate = new Gate(rotation, new Gate.Sight(seen, fleet::service));
        return switch (rotation.phase()) {
            case DISTRIBUTE -> Optional.of(gate.canaries(held, ledger.canaries(rotation)));
            case REISSUE -> Optional.of(gate.certificates(held, rotation.to()));
            case RETURN -> Optional.of(gate.certificates(held, rotation.from()));
            case STAGE, ACTIVATE, RETIRE, DONE, WITHDRAW, ABORTED -> Optional.empty();
        };
    }

    /** Everybody whose certificate counts. */
    List<Holding> holdings() {
        return holdings.at(clock.instant(), authorities.counted());
    }

    Map<Instance, Seen> seen() {
        return fleet.seen().stream()
                .collect(Collectors.toMap(Seen::instance, Function.identity(), (_, newer) -> newer));
    }

    /** A certificate that was signed is a promise; one that its holder has used is a fact, also when the holder is away after that. */
    private void noteShown(Map<Instance, Seen> seen) {
        List<String> news = holdings().stream()
                .flatMap(holding -> Optional.ofNullable(seen.get(holding.instance())).stream()
                        .flatMap(one -> one.serial().stream())
                        .flatMap(used -> holding.certificates().stream()
                                .filter(held -> !held.shown() && held.serial().equals(used))))
                .map(Held::serial)
                .toList();
        if (!news.isEmpty()) {
            holdings.shown(news);
        }
    }

    /** The last effects: those who were left behind are cut off, the keys that nobody needs are deleted. */
    private boolean end(Rotation rotation, Phase last, int gone) {
        Set<String> untrusted = holdings.serialsExcept(clock.instant(), authorities.counted());
        if (!untrusted.isEmpty()) {
            fleet.leave(untrusted, "its certificate's root is no longer trusted");
        }
        return moved(rotation, last, dropped(gone));
    }

    /** Nobody trusts it any more: a file that cannot be deleted is somebody's work, and no reason to hold the rotation open. */
    private String dropped(int gone) {
        try {
            authorities.drop(gone);
            return "generation " + gone + " and its keys are gone";
        } catch (IOException e) {
            return "generation " + gone + " is gone, its keys could not be deleted: " + e
                    + " (expected: its folder removed by hand)";
        }
    }

    private boolean moved(Rotation rotation, Phase next, String detail) {
        entered(ledger.move(rotation, next, clock.instant()), "", detail);
        return true;
    }

    private void abort(Rotation rotation, Phase next, String by, String because) {
        entered(ledger.abort(rotation, next, because, clock.instant()), by, because);
    }

    private void entered(Rotation now, String by, String detail) {
        authorities.apply(now);
        followed = false;
        openSince = Optional.empty();
        asking.restart();
        record(now, by, detail);
    }

    private void note(Rotation rotation, Optional<String> problem) {
        if (!problem.equals(rotation.problem())) {
            ledger.problem(rotation, problem);
            // That it stands still, not each reason in turn: a reason that changes every second would push out the
            // record.
            problem.filter(_ -> rotation.problem().isEmpty())
                    .ifPresent(what -> record(rotation, "", "does not go on: " + what));
        }
    }

    private void record(Rotation rotation, String by, String detail) {
        events.record("rotation." + rotation.phase().code(), by, detail);
    }

    private void refuseUnknown(List<String> names) throws RotationRefusedException {
        Set<String> known = holdings().stream()
                .map(Holding::instance)
                .flatMap(instance -> instance.names(fleet.service(instance.identity())))
                .collect(Collectors.toUnmodifiableSet());
        for (String name : names) {
            if (!known.contains(name)) {
                throw new RotationRefusedException("exclude: " + name
                        + " (expected: SERVICE, SERVICE/INSTANCE or SPIFFE ID of somebody who holds a certificate)");
            }
        }
    }

    private static RotationRefusedException none() {
        return new RotationRefusedException("no rotation is under way");
    }
}
