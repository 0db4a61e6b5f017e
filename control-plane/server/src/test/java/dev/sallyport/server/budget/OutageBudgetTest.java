package dev.sallyport.server.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.budget.OutageBudget.Failure;
import dev.sallyport.server.budget.OutageBudget.Lack;
import dev.sallyport.server.budget.OutageBudget.Lost;
import dev.sallyport.server.budget.OutageBudget.Outage;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutageBudgetTest {
    private static final Instant NOW = Instant.parse("2027-03-31T12:00:00Z");
    private static final Instant SNAPSHOTS_END = hours(24);

    private static X509Certificate issuer;

    @BeforeAll
    static void makeIssuer(@TempDir Path folder) throws Exception {
        KeyEncryption encryption = KeyEncryption.fromFile(folder.resolve("key"));
        issuer = EmbeddedAuthority.open(
                        folder.resolve("ca"), new TrustDomain("shop.example"), encryption, Clock.systemUTC())
                .standing()
                .issuer();
    }

    private static Instant hours(double hours) {
        return NOW.plusMillis((long) (hours * 3_600_000));
    }

    /** Issued for 24 h so that it ends in {@code left} hours, its renewal due at three quarters. */
    private static Workload workload(String name, double left) {
        return new Workload(
                "spiffe://shop.example/sa/" + name,
                name + "-1",
                hours(left),
                hours(left).minus(Duration.ofHours(6)));
    }

    private static Standing standing(AuthorityKind kind, Optional<Instant> aloneUntil) {
        return new Standing(kind, issuer, Optional.empty(), aloneUntil, Optional.empty());
    }

    private static OutageBudget budget(AuthorityKind kind, Optional<Instant> aloneUntil, Workload... workloads) {
        return OutageBudget.of(NOW, standing(kind, aloneUntil), List.of(workloads), SNAPSHOTS_END);
    }

    private static OutageBudget embedded(Workload... workloads) {
        return budget(AuthorityKind.EMBEDDED, Optional.of(hours(8760)), workloads);
    }

    private static Outage of(OutageBudget budget, Lost lost) {
        return budget.outages().stream()
                .filter(outage -> outage.lost() == lost)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theFirstCertificateToEndFailsFirstAndTheMiddleOneIsHalf() {
        Outage outage = of(
                embedded(workload("a", 20), workload("b", 7), workload("c", 12), workload("d", 9)), Lost.CONTROL_PLANE);
        assertThat(outage.first())
                .isEqualTo(new Failure(hours(7), "spiffe://shop.example/sa/b", "b-1", Lack.CERTIFICATE));
        assertThat(outage.half().at()).isEqualTo(hours(9)); // the second of four
    }

    @Test
    void halfOfThreeIsTwo() {
        Outage outage = of(embedded(workload("a", 7), workload("b", 8), workload("c", 9)), Lost.CONTROL_PLANE);
        assertThat(outage.half().at()).isEqualTo(hours(8));
    }

    @Test
    void oneWorkloadIsFirstAndHalf() {
        Outage outage = of(embedded(workload("a", 7)), Lost.CONTROL_PLANE);
        assertThat(outage.first()).isEqualTo(outage.half());
    }

    @Test
    void withoutWorkloadsNobodyFails() {
        assertThat(embedded().outages()).isEmpty();
        assertThat(embedded().first()).isEmpty();
    }

    @Test
    void aPolicySnapshotThatEndsSoonerThanTheCertificateIsTheEnd() {
        OutageBudget budget = embedded(workload("a", 100));
        assertThat(budget.first().orElseThrow())
                .isEqualTo(new Failure(SNAPSHOTS_END, "spiffe://shop.example/sa/a", "a-1", Lack.SNAPSHOT));
    }

    @Test
    void embeddedKnowsNoVault() {
        assertThat(embedded(workload("a", 7)).outages())
                .extracting(Outage::lost)
                .containsExactly(Lost.CONTROL_PLANE);
    }

    @Test
    void vaultThatSignsEveryLeafIsMissedAtOnce() {
        OutageBudget budget = budget(AuthorityKind.VAULT_LEAF, Optional.empty(), workload("a", 20), workload("b", 7));
        assertThat(of(budget, Lost.VAULT).first().at()).isEqualTo(hours(7));
        assertThat(of(budget, Lost.CONTROL_PLANE).first().at()).isEqualTo(hours(7));
    }

    /** The same workloads, the same dead Vault: only who signs leaves is another. */
    @Test
    void vaultThatSignedAnIntermediateIsMissedWhenThatEnds() {
        OutageBudget budget = budget(
                AuthorityKind.VAULT_INTERMEDIATE, Optional.of(hours(24 * 9)), workload("a", 20), workload("b", 7));
        assertThat(of(budget, Lost.VAULT).first().at()).isEqualTo(hours(24 * 9));
        assertThat(of(budget, Lost.VAULT).half().at()).isEqualTo(hours(24 * 9));
        assertThat(of(budget, Lost.CONTROL_PLANE).first().at()).isEqualTo(hours(7));
        assertThat(budget.first().orElseThrow().at()).isEqualTo(hours(7));
    }

    /** Of the authority before this one, perhaps: what was issued stays good. */
    @Test
    void aCertificateThatOutlivesTheIntermediateCountsToItsOwnEnd() {
        OutageBudget budget =
                budget(AuthorityKind.VAULT_INTERMEDIATE, Optional.of(hours(8)), workload("a", 20), workload("b", 7));
        assertThat(of(budget, Lost.VAULT).first().identity()).endsWith("/b");
        assertThat(of(budget, Lost.VAULT).first().at()).isEqualTo(hours(8));
        assertThat(budget(AuthorityKind.VAULT_INTERMEDIATE, Optional.of(hours(8)), workload("a", 20))
                        .outages()
                        .getLast()
                        .first()
                        .at())
                .isEqualTo(hours(20));
    }

    @Test
    void aRenewalIsLateOnceHalfOfTheTimeAfterItsMomentIsOver() {
        assertThat(embedded(workload("on-time", 6.1), workload("due", 5), workload("late", 2.9))
                        .late())
                .isEqualTo(1);
    }
}
