package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00.123Z");
    private static final TrustDomain SHOP = new TrustDomain("shop.example");
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    Path folder;

    private Path state;
    private KeyEncryption encryption;
    private EmbeddedAuthority authority;
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();

    @BeforeEach
    void firstStart() throws Exception {
        state = folder.resolve("authority");
        encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        authority = open(SHOP, NOW);
    }

    @Test
    void leafIsAnSvidOfTheGivenIdentityAndNothingElse() throws Exception {
        IssuedCertificate issued = issue(ORDERS, DAY);
        X509Certificate leaf = issued.leaf();
        assertThat(X509Svid.of(issued.chain(), keys.getPrivate()).id()).isEqualTo(ORDERS);
        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, ORDERS.toString()));
        assertThat(leaf.getCriticalExtensionOIDs())
                .as("basicConstraints, keyUsage, subjectAltName")
                .isEqualTo(Set.of("2.5.29.19", "2.5.29.15", "2.5.29.17"));
        assertThat(leaf.getNonCriticalExtensionOIDs())
                .as("extKeyUsage and both key identifiers")
                .isEqualTo(Set.of("2.5.29.37", "2.5.29.14", "2.5.29.35"));
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getSerialNumber().signum()).isPositive();
        assertThat(leaf.getSerialNumber().bitLength()).isBetween(65, 129);
        assertThat(leaf.getNotBefore()).isEqualTo(Instant.parse("2026-06-01T11:54:00Z"));
        assertThat(leaf.getNotAfter()).isEqualTo(Instant.parse("2026-06-02T12:00:00Z"));
    }

    @Test
    void chainIsLeafThenIntermediateWithoutTheRoot() throws Exception {
        List<X509Certificate> chain = issue(ORDERS, DAY).chain();
        assertThat(chain)
                .hasSize(2)
                .doesNotContainAnyElementsOf(authority.trustBundle().authorities());
        X509Certificate root = authority.trustBundle().authorities().getFirst();
        assertThat(root.getBasicConstraints()).isEqualTo(1);
        assertThat(chain.getLast().getBasicConstraints()).isZero();
        assertThat(List.of(root, chain.getLast())).allSatisfy(ca -> {
            assertThat(ca.getCriticalExtensionOIDs()).contains("2.5.29.30");
            assertThat(ca.getKeyUsage()).containsExactly(false, false, false, false, false, true, true, false, false);
        });
    }

    @Test
    void lifeIsCutToTheEndOfTheSigningCertificate() throws Exception {
        IssuedCertificate issued = issue(ORDERS, Duration.ofDays(100_000));
        assertThat(issued.leaf().getNotAfter())
                .isEqualTo(issued.chain().getLast().getNotAfter());
        assertThatThrownBy(() -> issue(ORDERS, Duration.ZERO)).hasMessageContaining("life");
        assertThatThrownBy(() -> issue(ORDERS, Duration.ofSeconds(-1))).hasMessageContaining("life");
    }

    @Test
    void itSaysUntilWhenItSignsAlone() {
        Standing standing = authority.standing();
        assertThat(standing.kind()).isEqualTo(AuthorityKind.EMBEDDED);
        assertThat(standing.next()).isEmpty();
        assertThat(standing.aloneUntil())
                .as("as long as its root lives, for it makes what follows the intermediate")
                .contains(authority
                        .trustBundle()
                        .authorities()
                        .getFirst()
                        .getNotAfter()
                        .toInstant());
        assertThat(standing.problem()).isEmpty();
    }

    @Test
    void theNextIntermediateIsReadyAtHalfOfALifeAndSignsWhenAThirdIsLeft() throws Exception {
        X509Certificate first = authority.standing().issuer();
        EmbeddedAuthority early = open(SHOP, NOW.plus(Duration.ofDays(180)));
        assertThat(early.standing().next()).isEmpty();
        EmbeddedAuthority half = open(SHOP, NOW.plus(Duration.ofDays(184)));
        X509Certificate next = half.standing().next().orElseThrow();
        assertThat(half.standing().issuer()).isEqualTo(first);
        EmbeddedAuthority late = open(SHOP, NOW.plus(Duration.ofDays(244)));
        assertThat(late.standing().issuer()).isEqualTo(next);
        assertThat(late.trustBundle()).isEqualTo(authority.trustBundle());
        assertThat(late.issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                        .chain()
                        .getLast())
                .isEqualTo(next);
    }

    @Test
    void anIntermediateThatEndedWhileNobodyRanIsFollowedAtOnce() throws Exception {
        EmbeddedAuthority late = open(SHOP, NOW.plus(Duration.ofDays(800)));
        assertThat(late.standing().issuer()).isNotEqualTo(authority.standing().issuer());
        late.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
    }

    @Test
    void aRunningAuthorityMakesItsNextIntermediateItself() throws Exception {
        var clock = new TestClock(NOW);
        EmbeddedAuthority running = EmbeddedAuthority.open(state, SHOP, encryption, clock);
        X509Certificate first = running.standing().issuer();
        for (int tenDays = 0; tenDays < 183; tenDays++) {
            clock.advance(Duration.ofDays(10));
            Instant end = running.issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                    .leaf()
                    .getNotAfter()
                    .toInstant();
            assertThat(end).as("never cut").isAfter(clock.instant().plus(DAY).minusSeconds(1));
        }
        assertThat(running.standing().issuer()).isNotEqualTo(first);
        assertThat(running.trustBundle()).isEqualTo(authority.trustBundle());
    }

    @Test
    void aFolderThatTakesNothingMoreIsAProblemAndNoOutage() throws Exception {
        var clock = new TestClock(NOW);
        EmbeddedAuthority running = EmbeddedAuthority.open(state, SHOP, encryption, clock);
        clock.advance(Duration.ofDays(200));
        try (var _ = FullDisk.at(state)) {
            running.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
            assertThat(running.standing().problem())
                    .hasValueSatisfying(why -> assertThat(why).contains("next intermediate"));
        }
        clock.advance(Duration.ofMinutes(10));
        running.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
        assertThat(running.standing().problem()).isEmpty();
        assertThat(running.standing().next()).isPresent();
    }

    @Test
    void endedRootSignsNothing() {
        assertThatThrownBy(() -> open(SHOP, NOW.plus(Duration.ofDays(3654))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no valid intermediate");
    }

    @Test
    void wishesOfTheRequestAreIgnored() throws Exception {
        byte[] greedy = Requests.greedy(keys, "spiffe://shop.example/ns/shop/sa/payment", "spiffe://other.example/a");
        X509Certificate leaf = authority.issue(greedy, ORDERS, DAY).leaf();
        assertThat(X509Svid.leafId(leaf)).isEqualTo(ORDERS);
        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    }

    @Test
    void identityOfAnotherTrustDomainIsRefused() {
        SpiffeId foreign = new SpiffeId(new TrustDomain("shop.example.evil"), "/ns/shop/sa/orders");
        assertThatThrownBy(() -> issue(foreign, DAY))
                .isInstanceOf(IssuanceRefusedException.class)
                .hasMessageContaining("shop.example.evil");
    }

    @Test
    void reservedIdentityIsTheCallersDecision() throws Exception {
        assertThat(X509Svid.leafId(issue(SpiffeId.controlPlane(SHOP), DAY).leaf())
                        .reserved())
                .isTrue();
    }

    @Test
    void restartKeepsTheAuthority() throws Exception {
        IssuedCertificate before = issue(ORDERS, DAY);
        EmbeddedAuthority again = open(SHOP, NOW.plusSeconds(60));
        assertThat(again.trustBundle()).isEqualTo(authority.trustBundle());
        assertThat(again.issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                        .chain()
                        .getLast())
                .isEqualTo(before.chain().getLast());
    }

    @Test
    void keysAreSealedInPrivateFiles() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        for (String name : List.of("root.pem", "intermediate.pem")) {
            Path file = state.resolve(name);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(file)).contains("SALLYPORT SEALED KEY").doesNotContain("BEGIN PRIVATE KEY");
        }
        Files.setPosixFilePermissions(state.resolve("root.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> open(SHOP, NOW)).hasMessageContaining("chmod 600");
    }

    @Test
    void rootWithoutIntermediateIsCompleted() throws Exception {
        Files.delete(state.resolve("intermediate.pem"));
        EmbeddedAuthority completed = open(SHOP, NOW);
        assertThat(completed.trustBundle()).isEqualTo(authority.trustBundle());
        completed.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
    }

    @Test
    void intermediateWithoutRootIsRefusedAndNotMadeAnew() throws Exception {
        Files.delete(state.resolve("root.pem"));
        assertThatThrownBy(() -> open(SHOP, NOW))
                .hasMessageContaining("root.pem")
                .hasMessageContaining("backup");
        assertThat(state.resolve("root.pem")).doesNotExist();
    }

    @Test
    void intermediateOfAnotherRootIsRefused() throws Exception {
        EmbeddedAuthority.open(folder.resolve("other"), SHOP, encryption, fixed(NOW));
        Files.copy(
                folder.resolve("other/intermediate.pem"),
                state.resolve("intermediate.pem"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open(SHOP, NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot sign");
    }

    @Test
    void exchangedCertificateOrKeyIsRefused() throws Exception {
        EmbeddedAuthority.open(folder.resolve("other"), SHOP, encryption, fixed(NOW));
        String own = Files.readString(state.resolve("root.pem"));
        String other = Files.readString(folder.resolve("other/root.pem"));
        String mark = "-----BEGIN SALLYPORT";
        String mixed = own.substring(0, own.indexOf(mark)) + other.substring(other.indexOf(mark));
        for (String text : List.of(mixed, own.substring(0, own.indexOf(mark)), own.substring(own.indexOf(mark)), "")) {
            Files.writeString(state.resolve("root.pem"), text);
            assertThatThrownBy(() -> open(SHOP, NOW)).isInstanceOf(IOException.class);
            assertThat(state.resolve("root.pem")).hasContent(text);
        }
    }

    @Test
    void otherKeyFileOrTrustDomainIsRefused() throws Exception {
        assertThatThrownBy(() -> open(new TrustDomain("other.example"), NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was the trust domain changed?");
        encryption = KeyEncryption.fromFile(folder.resolve("another.key"));
        assertThatThrownBy(() -> open(SHOP, NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key file");
    }

    @Test
    void trustDomainThatConstraintsCannotHoldIsRefused() {
        assertThatThrownBy(() -> open(new TrustDomain("my_shop.example"), NOW)).hasMessageContaining("underscore");
    }

    @Test
    void peopleAndWorkloadsNeverPassForEachOther() throws Exception {
        PeopleAuthority people = PeopleAuthority.open(folder.resolve("people"), encryption, fixed(NOW));
        IssuedCertificate person = people.issue(CertificateSigningRequest.der(keys), "ada", "admin", DAY);
        var publisher = new SvidPublisher(fixed(NOW));
        publisher.publishBundles(List.of(authority.trustBundle()));
        var workloads = new SvidVerifier(publisher.source(), fixed(NOW));
        assertThatThrownBy(() -> workloads.verify(person.chain())).isInstanceOf(SvidRejectedException.class);
        IssuedCertificate workload = issue(ORDERS, DAY);
        assertThat(PeopleAuthorityTest.trusts(people.root(), person.chain(), NOW))
                .isTrue();
        assertThat(PeopleAuthorityTest.trusts(people.root(), workload.chain(), NOW))
                .isFalse();
    }

    @Test
    void opensslAcceptsTheChain() throws Exception {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "openssl"))),
                "skipped: no openssl on PATH");
        IssuedCertificate issued = issue(ORDERS, DAY);
        Path root = Files.writeString(
                folder.resolve("r.pem"), authority.trustBundle().toPem());
        Path intermediate = Files.writeString(
                folder.resolve("i.pem"), Pem.encode(issued.chain().subList(1, 2)));
        Path leaf = Files.writeString(folder.resolve("l.pem"), Pem.encode(List.of(issued.leaf())));
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "verify",
                        "-x509_strict",
                        "-attime",
                        String.valueOf(NOW.getEpochSecond()),
                        "-CAfile",
                        root.toString(),
                        "-untrusted",
                        intermediate.toString(),
                        leaf.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(openssl.exitValue()).as(output).isZero();
    }

    private EmbeddedAuthority open(TrustDomain trustDomain, Instant now) throws IOException {
        return EmbeddedAuthority.open(state, trustDomain, encryption, fixed(now));
    }

    private IssuedCertificate issue(SpiffeId id, Duration life) throws Exception {
        return authority.issue(CertificateSigningRequest.der(keys), id, life);
    }

    private static Clock fixed(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }
}
