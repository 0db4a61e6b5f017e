package dev.sallyport.authority.vault;

import static dev.sallyport.authority.vault.FakeVault.error;
import static dev.sallyport.authority.vault.FakeVault.hangUp;
import static dev.sallyport.authority.vault.FakeVault.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.authority.vault.VaultException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultFaultsTest {
    /** A call's bound and what a busy machine adds. */
    private static final Duration BOUND = Duration.ofSeconds(VaultGateway.CALL_SECONDS_MAX + 3);

    @TempDir
    Path folder;

    private FakeVault fake;
    private VaultGateway gateway;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeVault(folder);
        gateway = VaultGateway.open(fake.settings(new VaultAuth.TokenFile(folder.resolve("none"))));
    }

    @AfterEach
    void stop() {
        gateway.close();
        fake.close();
    }

    @ParameterizedTest
    @CsvSource({
        "400, REFUSED", "405, REFUSED", "403, FORBIDDEN", "404, NOT_FOUND", "412, BEHIND", "429, BUSY",
        "500, AMBIGUOUS", "502, UPSTREAM", "504, UPSTREAM", "503, SEALED", "472, SEALED", "473, SEALED",
        "474, SEALED", "530, SEALED", "300, UPSTREAM"
    })
    void aStatusMeansTheSameForEveryVerbAndIsNotTriedAgain(int status, Kind kind) {
        fake.always(error(status, "because\\nof this"));
        Vault vault = gateway.as("a-token");
        for (VaultException refused : new VaultException[] {
            failure(() -> vault.read("pki/a")),
            failure(() -> vault.list("pki/a")),
            failure(() -> vault.write("pki/a", Map.of())),
            failure(() -> vault.delete("pki/a"))
        }) {
            assertThat(refused.kind()).isEqualTo(kind);
            assertThat(refused.status()).isEqualTo(status);
            assertThat(refused)
                    .hasMessageContaining(String.valueOf(status))
                    .hasMessageContaining("pki/a")
                    .hasMessageContaining("because of this")
                    .hasMessageContaining("expected: ");
            assertThat(refused.getMessage()).doesNotContain("a-token");
        }
        assertThat(fake.requests).hasSize(4);
    }

    @Test
    void aBusyServersWordIsKeptWithinReason() {
        fake.always(reply(429, "{\"errors\":[\"quota\"]}", "Retry-After", "7"));
        assertThat(failure(this::write).retryAfter()).isEqualTo(Duration.ofSeconds(7));
        fake.always(reply(429, "", "Retry-After", "999999"));
        assertThat(failure(this::write).retryAfter()).isEqualTo(Duration.ofMinutes(5));
        fake.always(reply(429, "", "Retry-After", "Thu, 01 Jan 2099 00:00:00 GMT"));
        assertThat(failure(this::write).retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
    }

    @Test
    void waitsAreDrawn() {
        fake.always(error(429, "quota"));
        assertThat(java.util.stream.IntStream.range(0, 10)
                        .mapToObj(_ -> failure(this::write).retryAfter())
                        .distinct())
                .hasSizeGreaterThan(1)
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>It works!</html>", "", "[]", "\"text\"", "{", "{\"a\":1"})
    void whatIsNotVaultsJsonIsSaid(String body) {
        fake.always(reply(200, body));
        assertThat(failure(this::write).kind()).isEqualTo(Kind.UPSTREAM);
        fake.always(reply(503, body));
        assertThat(failure(this::write).kind()).isEqualTo(Kind.SEALED);
    }

    @Test
    void anAnswerWithoutContentIsOne() throws Exception {
        fake.always(reply(204, ""));
        assertThat(write().status()).isEqualTo(204);
        assertThat(gateway.as("t").delete("pki/a").status()).isEqualTo(204);
    }

    @Test
    @SideBySide
    void anAnswerWithoutEndEndsAndTheNextCallWorks() throws Exception {
        fake.inTurn(fake.freezeInTheBody(), reply(204, ""));
        assertBounded();
        assertThat(write().status()).isEqualTo(204);
    }

    @Test
    @SideBySide
    void anAnswerThatDoesNotBeginEndsAndTheNextCallWorks() throws Exception {
        fake.inTurn(fake.freezeBeforeTheHeaders(), reply(204, ""));
        assertBounded();
        assertThat(write().status()).isEqualTo(204);
    }

    @Test
    void anAnswerWithoutBoundIsNotRead() {
        fake.always(reply(200, "{\"data\":{\"a\":\"" + "x".repeat(2 << 20) + "\"}}"));
        assertThat(failure(this::write).kind()).isEqualTo(Kind.UNREACHABLE);
    }

    private void assertBounded() {
        long from = System.nanoTime();
        VaultException failure = failure(this::write);
        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure).hasMessageContaining("no answer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(BOUND);
    }

    @Test
    void anInterruptedCallerIsLetGoAndStaysInterrupted() throws Exception {
        fake.always(fake.freezeBeforeTheHeaders());
        AtomicReference<Optional<VaultException>> failure = new AtomicReference<>(Optional.empty());
        AtomicReference<Boolean> interrupted = new AtomicReference<>(false);
        Thread caller = Thread.ofPlatform().start(() -> {
            failure.set(Optional.of(failure(this::write)));
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        Until.holds("asked", BOUND, () -> !fake.requests.isEmpty());
        caller.interrupt();
        caller.join(2_000);
        assertThat(failure.get().orElseThrow().kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(interrupted.get()).isTrue();
    }

    @Test
    void aConnectionThatClosesOrIsRefusedIsUnreachable() {
        fake.always(hangUp());
        assertThat(failure(this::write).kind()).isEqualTo(Kind.UNREACHABLE);
        fake.close();
        assertThat(failure(this::write)).hasMessageContaining(fake.address().toString());
        assertThat(gateway.health()).isEqualTo(new VaultHealth(0));
    }

    @Test
    void aStandbysRedirectIsFollowedWithTheTokenAndNeverToHttp() throws Exception {
        try (FakeVault plain = new FakeVault(folder)) {
            fake.behave(request -> request.path().startsWith("/v1/")
                    ? reply(307, "", "Location", fake.address() + "/active" + request.path())
                    : reply(200, "{\"data\":{\"a\":\"b\"}}"));
            assertThat(write().text("a")).contains("b");
            assertThat(fake.requests.getLast().token()).isEqualTo("t");
            assertThat(fake.requests.getLast().method()).isEqualTo("POST");
            fake.always(reply(307, "", "Location", "http://127.0.0.1:1/v1/pki/a"));
            assertThat(failure(this::write).kind()).isEqualTo(Kind.UPSTREAM);
            assertThat(plain.requests).isEmpty();
        }
    }

    @Test
    void aServerThatTheCaDidNotCertifyGetsNoToken() throws Exception {
        try (FakeVault other = new FakeVault(folder)) {
            VaultSettings settings = fake.settings(new VaultAuth.TokenFile(folder.resolve("none")));
            VaultSettings wrong = new VaultSettings(
                    other.address(),
                    settings.caFile(),
                    Optional.empty(),
                    "a",
                    "b",
                    "c",
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ofDays(7),
                    settings.auth());
            try (VaultGateway gateway = VaultGateway.open(wrong)) {
                VaultException failure = failure(() -> gateway.as("t").write("pki/a", Map.of()));
                assertThat(failure).hasMessageContaining("TLS");
                assertThat(other.requests).isEmpty();
            }
        }
    }

    @Test
    void healthIsJudgedByItsStatus() {
        Map<Integer, Boolean> serves =
                Map.of(200, true, 429, true, 473, true, 472, false, 474, false, 501, false, 503, false, 530, false);
        serves.forEach((status, good) -> {
            fake.always(reply(status, "{\"initialized\":true}"));
            VaultHealth health = gateway.health();
            assertThat(health.status()).isEqualTo(status);
            assertThat(health.serves()).as(health.sentence()).isEqualTo(good);
        });
    }

    @Test
    @SideBySide
    void aFailingLoginIsNotRepeatedByEveryCaller() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "t");
        Files.setPosixFilePermissions(token, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        Heard heard = new Heard();
        fake.always(error(503, "Vault is sealed"));
        try (VaultSession session = VaultSession.open(
                fake.settings(new VaultAuth.TokenFile(token)), heard, java.time.InstantSource.system())) {
            for (int i = 0; i < 50; i++) {
                VaultException failure = failure(() -> session.write("pki/a", Map.of()));
                assertThat(failure.kind()).isEqualTo(Kind.SEALED);
                assertThat(failure.retryAfter()).isPositive();
            }
            assertThat(fake.count("lookup-self")).isLessThanOrEqualTo(2);
            assertThat(heard.warnings).hasSize(1);
            fake.always(reply(200, "{\"data\":{\"ttl\":0,\"renewable\":false}}"));
            Until.holds("recovered", Duration.ofSeconds(15), () -> {
                try {
                    return session.write("pki/a", Map.of()).status() == 200;
                } catch (VaultException e) {
                    return false;
                }
            });
            assertThat(fake.count("lookup-self")).isLessThanOrEqualTo(4);
        }
    }

    private VaultAnswer write() throws VaultException {
        return gateway.as("t").write("pki/a", Map.of("ttl", "1s"));
    }

    @FunctionalInterface
    private interface Call {
        VaultAnswer make() throws VaultException;
    }

    private static VaultException failure(Call call) {
        return catchThrowableOfType(VaultException.class, call::make);
    }
}
