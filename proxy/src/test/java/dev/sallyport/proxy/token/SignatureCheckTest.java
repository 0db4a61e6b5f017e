package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.testing.Forge;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Signatures that are checked elsewhere: what a token comes to is the same, and nothing is believed before. */
class SignatureCheckTest {
    private static final Instant NOW = TestIssuers.NOW;

    private static final ECKey KEY = Forge.key("one");

    private final TokenIssuers issuers =
            new TokenIssuers(TestIssuers.snapshot(TestIssuers.keys(TestIssuers.SHOP, KEY)));
    private final TokenVerifier verifier = new TokenVerifier(_ -> {}, new SeenTokens(), false);
    private final String good = Forge.token(KEY, TestIssuers.header(), TestIssuers.payload());

    private TokenResult verify(String token) {
        return verifier.verify(List.of("Bearer " + token), issuers, NOW);
    }

    @Test
    void tokenIsNobodysBeforeItsSignatureWasChecked() {
        for (int i = 0; i < 2; i++) {
            assertThat(verify(good).fact()).isInstanceOf(UserFact.Unjudged.class);
            assertThat(verify(good).voucher()).isEmpty();
        }
        TokenResult settled = verifier.settle(verify(good).check().orElseThrow(), true, NOW);
        assertThat(settled.fact()).isInstanceOf(UserFact.Verified.class);
        assertThat(settled.check()).isEmpty();
        assertThat(verify(good)).as("known from now on").isSameAs(settled);
    }

    @Test
    void signatureThatDoesNotHoldIsRememberedToo() {
        SignatureCheck check = verify(good).check().orElseThrow();
        assertThat(verifier.settle(check, false, NOW).fact()).isEqualTo(new UserFact.Bad(Reason.TOKEN_SIGNATURE));
        assertThat(verify(good).fact()).isEqualTo(new UserFact.Bad(Reason.TOKEN_SIGNATURE));
        assertThat(verify(good).check()).isEmpty();
    }

    @Test
    void whatFailsWithoutASignatureNeedsNoCheck() {
        String unknown = Forge.token(KEY, TestIssuers.header("kid", "\"nobody\""), TestIssuers.payload());
        assertThat(verify(unknown).fact()).isEqualTo(new UserFact.Bad(Reason.TOKEN_KEY_UNKNOWN));
        assertThat(verify("x.y.z").fact()).isEqualTo(new UserFact.Bad(Reason.TOKEN_INVALID));
    }

    @Test
    void goodSignatureUnderAnOldTokenIsNoProof() {
        String old = Forge.token(
                KEY,
                TestIssuers.header(),
                TestIssuers.payload("exp", Long.toString(NOW.minusSeconds(3600).getEpochSecond())));
        SignatureCheck check = verify(old).check().orElseThrow();
        assertThat(verifier.settle(check, true, NOW).fact()).isEqualTo(new UserFact.Bad(Reason.TOKEN_EXPIRED));
    }

    @Test
    void proofOfAKeyThatWentMeanwhileIsNotRemembered() {
        SignatureCheck check = verify(good).check().orElseThrow();
        TokenIssuers none = new TokenIssuers(Map.of());
        verifier.verify(List.of("Bearer " + good), none, NOW);
        verifier.settle(check, true, NOW);
        assertThat(verifier.verify(List.of("Bearer " + good), none, NOW).fact())
                .isEqualTo(new UserFact.Bad(Reason.TOKEN_ISSUER));
        assertThat(verify(good).check()).as("asked anew").isPresent();
    }

    @Test
    void checkRunsElsewhereAndIsAnsweredOnItsLoopOnceAndRight() throws Exception {
        EventLoop loop = new DefaultEventLoop();
        ECKey stranger = Forge.key("one");
        String forged = Forge.token(stranger, TestIssuers.header(), TestIssuers.payload());
        try (SignatureChecks checks = new SignatureChecks()) {
            for (String token : List.of(good, forged)) {
                AtomicReference<String> answer = new AtomicReference<>("");
                assertThat(checks.begin(
                                verify(token).check().orElseThrow(),
                                loop,
                                holds -> answer.getAndUpdate(said -> said + holds + loop.inEventLoop())))
                        .isTrue();
                await().atMost(Duration.ofSeconds(10)).until(() -> !answer.get().isEmpty());
                assertThat(answer.get()).isEqualTo(token.equals(good) + "true");
            }
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void moreThanCanWaitAreTurnedAway() {
        EventLoop loop = new DefaultEventLoop();
        SignatureChecks checks = new SignatureChecks();
        checks.close();
        assertThat(checks.begin(verify(good).check().orElseThrow(), loop, _ -> {}))
                .isFalse();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
