package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.GenerationRow.State;
import dev.sallyport.server.ca.Phase.Side;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The authorities that are open, one in {@code <state>/ca/<generation>} each, and which of them does what; one, except while another is to follow it. Any thread. */
public final class Authorities implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Authorities.class);

    private final Folders folders;
    private final Opening opening;
    private final Ledger ledger;
    private final Map<Integer, Generation> open = new ConcurrentHashMap<>();
    private volatile Roles roles;

    /** {@code since}: when {@code signs} began to. */
    private record Roles(
            Generation signs, Generation shows, Optional<Generation> staged, TrustBundle bundle, Instant since) {
        Roles with(Generation opened) {
            return new Roles(
                    signs.number() == opened.number() ? opened : signs,
                    shows.number() == opened.number() ? opened : shows,
                    staged.map(next -> next.number() == opened.number() ? opened : next),
                    bundle,
                    since);
        }
    }

    private Authorities(Folders folders, AuthorityOpener opener, Ledger ledger, AuthorityKind firstKind, Clock clock)
            throws IOException {
        this.folders = folders;
        this.opening = new Opening(folders, opener, ledger);
        this.ledger = ledger;
        int newest = ledger.generations().stream()
                .mapToInt(GenerationRow::number)
                .max()
                .orElse(1);
        folders.refuseYounger(newest);
        if (ledger.generations().isEmpty()) {
            // Not written down before it works: the kind of a first try must not bind a second.
            Generation first = opening.first(firstKind);
            ledger.found(firstKind, first.authority().trustBundle(), clock.instant());
            open.put(1, first);
        }
        Optional<Rotation> rotation =
                ledger.latest().filter(latest -> !latest.phase().over());
        GenerationRow active = activeRow();
        if (active.kind() != firstKind) {
            log.warn(
                    "authority: {} is configured, {} is in force since {} (expected: the kind that the last rotation led to)",
                    firstKind.code(),
                    active.kind().code(),
                    active.activatedAt().orElse(active.createdAt()));
        }
        if (!open.containsKey(active.number())) {
            open.put(active.number(), opening.openOrAway(active));
        }
        this.roles = rotation.isPresent() ? resumed(rotation.get()) : alone(active);
    }

    /** Opens those in force, or makes the first of {@code kind}. A rotation that was under way goes on in the roles that it had. */
    public static Authorities open(
            Store store, TrustDomain trustDomain, Path folder, AuthorityKind kind, AuthorityOpener opener, Clock clock)
            throws IOException {
        return new Authorities(Folders.open(folder), opener, new Ledger(store, trustDomain), kind, clock);
    }

    /** Signs now. */
    public CertificateAuthority active() {
        return signing().authority();
    }

    /** Signs now; its number goes into the inventory with what it signed. */
    public Generation signing() {
        return roles.signs();
    }

    /** Signs for a newcomer whose token was made at {@code tokenMade}: one that is older than the authority may have come with a bundle that does not know its root. */
    public Generation joining(Instant tokenMade) {
        Roles now = roles;
        return tokenMade.isBefore(now.since()) ? now.shows() : now.signs();
    }

    /** Signs the control plane's own certificate. */
    public Generation own() {
        return roles.shows();
    }

    /** The one that is to follow, by its name, while canaries of it are tried. */
    public Optional<Generation> staged(String name) {
        return roles.staged().filter(generation -> generation.name().equals(name));
    }

    /** The one that signed what the inventory has under this number, as long as it is open. */
    public Optional<Generation> of(int generation) {
        return Optional.ofNullable(open.get(generation));
    }

    /**
     * In the transaction of {@code handle}: whether what {@code signer} signs is trusted in the phase that is durable. An authority that took long to sign may have been left meanwhile.
     */
    public boolean trusted(Handle handle, Generation signer) {
        Optional<Rotation> latest = Ledger.latest(handle);
        if (latest.isEmpty()) {
            return true;
        }
        List<Integer> trusted = latest.get().phase().trusted().stream()
                .map(latest.get()::number)
                .toList();
        // An intermediate that was left stays good under its root.
        List<X509Certificate> roots = signer.authority().trustBundle().authorities();
        return trusted.contains(signer.number())
                || trusted.stream()
                        .flatMap(number -> of(number).stream())
                        .anyMatch(one -> one.authority().trustBundle().authorities().stream()
                                .anyMatch(roots::contains));
    }

    /** As {@link #of}; unavailable: a restart could not open it, and its leaves still count. */
    public Optional<Generation> signer(int generation) throws AuthorityUnavailableException {
        Optional<Generation> signer = of(generation);
        if (signer.isEmpty() && counted().contains(generation)) {
            throw new AuthorityUnavailableException(
                    "authority: generation " + generation + " is not open", Duration.ofMinutes(1));
        }
        return signer;
    }

    /** What peers must trust now. */
    public TrustBundle bundle() {
        return roles.bundle();
    }

    Ledger ledger() {
        return ledger;
    }

    /** Numbers of all whose certificates somebody may still verify. */
    Set<Integer> counted() {
        TrustBundle bundle = bundle();
        return ledger.generations().stream()
                .filter(row -> row.countsUnder(bundle))
                .map(GenerationRow::number)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Opens the next one; again after a crash. */
    Generation stage(Rotation rotation) throws IOException {
        if (rotation.subject() == Subject.INTERMEDIATE && row(rotation.to()).kind() == AuthorityKind.EMBEDDED) {
            EmbeddedAuthority.carryRoot(folders.of(rotation.from()), folders.of(rotation.to()));
        }
        return open(row(rotation.to()));
    }

    /** Opens what a rotation in this phase needs and a restart could not open. */
    void reopen(Rotation rotation) throws IOException {
        boolean opened = false;
        for (Side side : rotation.phase().trusted()) {
            if (!open.containsKey(rotation.number(side))) {
                open(row(rotation.number(side)));
                opened = true;
            }
        }
        if (opened) {
            apply(rotation);
        }
    }

    /** From now on the roles of the phase that {@code rotation} is in; that it is in it is durable already. */
    synchronized void apply(Rotation rotation) {
        roles = rolesOf(rotation);
    }

    private Roles rolesOf(Rotation rotation) {
        Phase phase = rotation.phase();
        Generation signs = of(rotation.number(phase.signs())).orElseThrow();
        boolean canaries = phase == Phase.DISTRIBUTE || phase == Phase.ACTIVATE;
        return new Roles(
                signs,
                of(rotation.number(phase.shows())).orElse(signs),
                canaries ? of(rotation.to()) : Optional.empty(),
                union(phase.trusted().stream().map(rotation::number).toList()),
                phase == Phase.REISSUE ? rotation.changedAt() : Instant.MIN);
    }

    /** Closes a generation that nobody needs and deletes its keys: what is gone cannot be stolen. */
    void drop(int generation) throws IOException {
        Optional<Generation> dropped = Optional.ofNullable(open.remove(generation));
        dropped.ifPresent(Generation::close);
        folders.delete(generation);
    }

    /** Whether one that counts is only known and cannot sign. */
    boolean away() {
        return open.values().stream().anyMatch(generation -> generation.authority() instanceof AwayAuthority);
    }

    /** Opens what was away, if it is back. Blocks as long as it takes to find out. */
    void retry() {
        for (Generation generation : List.copyOf(open.values())) {
            if (generation.authority() instanceof AwayAuthority) {
                try {
                    isBack(generation, opening.open(row(generation.number())));
                } catch (IOException e) {
                    log.warn("authority of generation {} is still away: {}", generation.number(), e.getMessage());
                }
            }
        }
    }

    private synchronized void isBack(Generation away, Generation opened) {
        if (open.replace(away.number(), away, opened)) {
            roles = roles.with(opened);
            log.info("authority of generation {} is back", away.number());
        } else {
            opened.close(); // Dropped meanwhile.
        }
    }

    private Generation open(GenerationRow row) throws IOException {
        Optional<Generation> known = of(row.number());
        if (known.isPresent()) {
            return known.get();
        }
        Generation opened = opening.open(row);
        open.put(row.number(), opened);
        return opened;
    }

    private Roles alone(GenerationRow active) {
        Generation only = of(active.number()).orElseThrow();
        return new Roles(only, only, Optional.empty(), only.authority().trustBundle(), Instant.MIN);
    }

    /** One that does not sign may be out of reach at a restart: that holds nobody up, the rotation says it and tries again. */
    private Roles resumed(Rotation rotation) {
        for (Side side : rotation.phase().trusted()) {
            try {
                open(row(rotation.number(side)));
            } catch (IOException e) {
                log.error("authority of generation {} cannot be opened; it is tried again", rotation.number(side), e);
            }
        }
        return rolesOf(rotation);
    }

    private TrustBundle union(List<Integer> generations) {
        Set<X509Certificate> all = new LinkedHashSet<>();
        generations.forEach(number -> all.addAll(roots(number).authorities()));
        return new TrustBundle(roots(generations.getFirst()).trustDomain(), List.copyOf(all));
    }

    private TrustBundle roots(int generation) {
        return of(generation)
                .map(opened -> opened.authority().trustBundle())
                .or(() -> row(generation).roots())
                .orElseThrow(() -> new IllegalStateException("generation " + generation + ": was never open"));
    }

    private GenerationRow activeRow() {
        return ledger.generations().stream()
                .filter(row -> row.state() == State.ACTIVE)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("store: no active generation of the authority"));
    }

    private GenerationRow row(int generation) {
        return ledger.generations().stream()
                .filter(row -> row.number() == generation)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("store: no generation " + generation));
    }

    @Override
    public void close() {
        open.values().forEach(Generation::close);
    }
}
