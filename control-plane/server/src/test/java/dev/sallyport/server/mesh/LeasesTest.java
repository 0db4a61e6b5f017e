package dev.sallyport.server.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.HostPort;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.SetClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An address stays for a full term after its sidecar was last seen, and not longer. */
class LeasesTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final HostPort ADDRESS = new HostPort("10.0.0.7", 15006);
    private static final Leases.Holder BACK = new Leases.Holder("back", "one");

    @TempDir
    Path folder;

    private Store store;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Leases leasesAt(Instant instant) {
        return new Leases(store, Clock.fixed(instant, ZoneOffset.UTC));
    }

    @Test
    void leaseEndsATermAfterTheStreamAndNotBefore() {
        // The same store seen by a process that starts later is a restart: one that lives on needs a clock that moves.
        SetClock clock = new SetClock(START);
        Leases leases = new Leases(store, clock);
        leases.hold(BACK, ADDRESS);
        clock.move(Duration.ofSeconds(60));
        leases.sweep(Set.of(BACK));
        clock.move(Leases.TERM);
        leases.sweep(Set.of());
        assertThat(leases.byService()).containsEntry("back", List.of(ADDRESS));
        clock.move(Duration.ofMillis(1));
        leases.sweep(Set.of());
        assertThat(leases.byService()).isEmpty();
        assertThat(leasesAt(clock.instant()).byService())
                .as("also in the store")
                .isEmpty();
    }

    @Test
    void restartedControlPlaneGivesEveryLeaseAFullTerm() {
        leasesAt(START).hold(BACK, ADDRESS);
        Leases later = leasesAt(START.plus(Duration.ofHours(5)));
        later.sweep(Set.of());
        assertThat(later.byService()).containsEntry("back", List.of(ADDRESS));
    }

    @Test
    void sameAddressOfANewInstanceReplacesTheOldOneButNeverAnotherServices() {
        Leases leases = leasesAt(START);
        leases.hold(BACK, ADDRESS);
        leases.hold(new Leases.Holder("back", "two"), ADDRESS);
        assertThat(leases.held()).containsOnlyKeys(new Leases.Holder("back", "two"));
        leases.hold(new Leases.Holder("front", "three"), ADDRESS);
        assertThat(leases.byService()).containsOnlyKeys("back", "front");
    }
}
