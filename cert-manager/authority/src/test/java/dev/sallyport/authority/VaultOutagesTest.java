package dev.sallyport.authority;

import static dev.sallyport.authority.VaultIntermediates.LIFE;
import static dev.sallyport.authority.VaultRig.DAY;
import static dev.sallyport.authority.VaultRig.ORDERS;
import static dev.sallyport.authority.VaultRig.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.SideBySide;
import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.Until;
import dev.sallyport.authority.vault.VaultAuth;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is sealed, stopped or frozen, and comes back. Each test has its own, and waits beside the others. */
class VaultOutagesTest {
    @TempDir
    Path folder;

    private TestVault vault;
    private final List<VaultRig> rigs = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        vault = TestVault.start(folder.resolve("vault"));
    }

    @AfterEach
    void close() throws Exception {
        for (VaultRig rig : rigs) {
            rig.close();
        }
        vault.close();
    }

    private VaultLeaves leaves() throws Exception {
        VaultLeaves leaves = new VaultLeaves(vault, folder);
        rigs.add(leaves);
        return leaves;
    }

    private VaultIntermediates intermediates() throws Exception {
        VaultIntermediates intermediates = new VaultIntermediates(vault, folder);
        rigs.add(intermediates);
        return intermediates;
    }

    @Test
    @SideBySide
    void aSealedOrStoppedVaultIsSaidAtOnceAndAStartNeedsNone() throws Exception {
        VaultLeaves rig = leaves();
        rig.open().close();
        vault.bao().seal();
        VaultLeafAuthority authority = rig.open();
        AuthorityUnavailableException sealed = rig.unavailable(authority);
        assertThat(sealed).hasMessageContaining("503");
        assertThat(sealed.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofMinutes(1));
        assertThat(authority.standing().problem()).isPresent();
        vault.bao().unseal();
        rig.recovers(authority);
        vault.bao().stop();
        try {
            assertThat(rig.unavailable(authority)).hasMessageContaining("no connection");
        } finally {
            vault.bao().restart();
        }
        rig.recovers(authority);
    }

    @Test
    @SideBySide
    void aFrozenVaultHoldsNobodyLong() throws Exception {
        VaultLeaves rig = leaves();
        VaultLeafAuthority authority = rig.open();
        rig.issue(authority, ORDERS, DAY);
        vault.bao().freeze();
        try {
            long from = System.nanoTime();
            assertThat(rig.unavailable(authority)).hasMessageContaining("no answer in time");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(8));
            from = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThat(rig.unavailable(authority).retryAfter()).isPositive();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - from))
                    .as("who comes next does not wait for what is known")
                    .isLessThan(Duration.ofSeconds(14));
        } finally {
            vault.bao().thaw();
        }
        rig.recovers(authority);
    }

    @Test
    @SideBySide
    void anExpiredTokenIsFollowedByAnother() throws Exception {
        VaultLeaves rig = leaves();
        VaultAuth.AppRole brief = vault.appRole("expiring", Map.of("token_ttl", "2s", "token_max_ttl", "2s"));
        VaultLeafAuthority authority = rig.open(vault.settings(brief));
        rig.issue(authority, ORDERS, DAY);
        vault.bao().freeze();
        Until.holds("its lease is over", SOON, passed(Duration.ofSeconds(3)));
        vault.bao().thaw();
        rig.recovers(authority);
    }

    @Test
    @SideBySide
    void aSealedVaultHurtsNobody() throws Exception {
        VaultIntermediates rig = intermediates();
        rig.open().close();
        vault.bao().seal();
        try {
            rig.clock.advance(LIFE.dividedBy(2));
            VaultIntermediateAuthority authority = rig.open();
            Until.holds("said", SOON, () -> authority.standing().problem().isPresent());
            assertThat(authority.standing().problem().orElseThrow()).contains("503", "sealed");
            Instant end = authority.standing().aloneUntil().orElseThrow();
            while (rig.clock.instant().plus(DAY).isBefore(end)) {
                authority.issue(rig.csr, ORDERS, DAY);
                rig.clock.advance(Duration.ofHours(6));
            }
            IssuedCertificate last = authority.issue(rig.csr, ORDERS, Duration.ofDays(3));
            assertThat(last.leaf().getNotAfter().toInstant())
                    .as("cut to the intermediate")
                    .isEqualTo(end);
            rig.clock.advance(Duration.ofDays(2));
            assertThatThrownBy(() -> authority.issue(rig.csr, ORDERS, DAY))
                    .isInstanceOf(AuthorityUnavailableException.class)
                    .hasMessageContaining("sealed");
        } finally {
            vault.bao().unseal();
        }
    }

    @Test
    @SideBySide
    void afterAnOutageTheNextIntermediateComesByItself() throws Exception {
        VaultIntermediates rig = intermediates();
        rig.open().close();
        rig.clock.advance(LIFE.dividedBy(2));
        vault.bao().seal();
        VaultIntermediateAuthority authority;
        try {
            authority = rig.open();
            Until.holds("failed", SOON, () -> authority.standing().problem().isPresent());
        } finally {
            vault.bao().unseal();
        }
        rig.clock.advance(Duration.ofMinutes(10)); // its longest pause
        Until.holds(
                "prepared",
                Duration.ofSeconds(90),
                () -> authority.standing().next().isPresent());
        assertThat(authority.standing().problem()).isEmpty();
    }

    @Test
    @SideBySide
    void aFirstStartNeedsVault() throws Exception {
        VaultIntermediates rig = intermediates();
        vault.bao().freeze();
        try {
            long from = System.nanoTime();
            assertThatThrownBy(rig::open).isInstanceOf(IOException.class).hasMessageContaining("no answer in time");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(15));
            assertThat(rig.folder.resolve("ca/root.pem")).doesNotExist();
        } finally {
            vault.bao().thaw();
        }
    }

    private static Callable<Boolean> passed(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return () -> System.nanoTime() - end > 0;
    }
}
