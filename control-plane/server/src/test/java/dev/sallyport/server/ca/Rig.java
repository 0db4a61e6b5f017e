package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.AuthorityBetween;
import dev.sallyport.server.testing.SetClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A control plane's authorities on a state folder, with their rotation and a fleet; it can end at any moment and be started again on the same folder. */
final class Rig implements AutoCloseable {
    final Path state;
    final SetClock clock = SetClock.now();
    /** By which the fleet is asked: in a second that lasts until it is moved. */
    final AtomicLong nanos = new AtomicLong();

    final Effects effects = new Effects();
    final TestFleet fleet = new TestFleet(clock, effects);
    final List<String> events = new ArrayList<>();
    /** Of each event. */
    final List<String> actors = new ArrayList<>();

    Duration settle = Duration.ZERO;
    AuthorityOpener opener;
    private Store store;
    private @Nullable Authorities authorities;
    private @Nullable CaRotation rotation;

    Rig(Path state) throws Exception {
        this(state, Store.open(state));
    }

    /** On a store of its own choice, with nothing in it. */
    Rig(Path state, Store store) throws Exception {
        this.state = state;
        this.store = store;
        KeyEncryption encryption = KeyEncryption.fromFile(state.resolve("key/ca.key"));
        this.opener = (_, folder) -> EmbeddedAuthority.open(folder, TestFleet.SHOP, encryption, clock);
        start();
    }

    void start() throws Exception {
        authorities = Authorities.open(
                store,
                TestFleet.SHOP,
                state.resolve("ca"),
                AuthorityKind.EMBEDDED,
                (kind, folder) -> {
                    effects.moment();
                    var opened = opener.open(kind, folder);
                    effects.moment();
                    return opened;
                },
                clock);
        rotation = new CaRotation(
                store,
                authorities,
                fleet,
                (what, actor, detail) -> effects.happen(() -> {
                    events.add(what + ": " + detail);
                    actors.add(actor);
                }),
                clock,
                settle,
                nanos::get);
        fleet.of(store, authorities, rotation);
    }

    /** Ends without a word, and comes back. */
    void restart() throws Exception {
        store.close();
        store = Store.open(state);
        start();
    }

    /** As {@link #restart}; what has been written counts as on disk, which is SQLite's promise and takes time to show. */
    void restartOnTheSameStore() throws Exception {
        start();
    }

    CaRotation rotation() {
        return Objects.requireNonNull(rotation);
    }

    Authorities authorities() {
        return Objects.requireNonNull(authorities);
    }

    Store store() {
        return store;
    }

    CaView view() {
        return new Look(authorities(), rotation(), fleet).view();
    }

    Rotation latest() {
        return authorities().ledger().latest().orElseThrow();
    }

    Phase phase() {
        return latest().phase();
    }

    List<CaView.MissingLine> missing() {
        return view().rotation().orElseThrow().gate().orElseThrow().missing();
    }

    static RotationRequest root() {
        return new RotationRequest(Subject.ROOT, Optional.empty(), false, List.of());
    }

    static RotationRequest intermediate() {
        return new RotationRequest(Subject.INTERMEDIATE, Optional.empty(), false, List.of());
    }

    void begin(RotationRequest wanted) throws RotationRefusedException {
        rotation().begin(wanted, "ada");
    }

    /** One look; everybody must be understood after it. */
    Phase step() {
        rotation().step();
        fleet.assertEverybodyIsUnderstood();
        return phase();
    }

    /** Looks until it is done or aborted, whichever. */
    void untilOver() {
        for (int i = 0; i < 10 && !phase().over(); i++) {
            step();
        }
        assertThat(phase().over()).as(phase() + ": " + view()).isTrue();
    }

    /** Behind something that can be sealed: every authority from now on whose folder's name ends so. */
    AtomicBoolean sealable(String end) {
        AtomicBoolean sealed = new AtomicBoolean();
        AuthorityOpener real = opener;
        AuthorityBetween.Moment before = () -> {
            if (sealed.get()) {
                throw AuthorityBetween.sealed();
            }
        };
        opener = (kind, folder) -> folder.toString().endsWith(end)
                ? new AuthorityBetween(real.open(kind, folder), before, AuthorityBetween.Moment.NONE)
                : real.open(kind, folder);
        return sealed;
    }

    Path folder(int generation) throws IOException {
        return state.resolve("ca").resolve(Integer.toString(generation));
    }

    @Override
    public void close() {
        store.close();
    }
}
