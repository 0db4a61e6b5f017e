package dev.sallyport.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.benchmarks.pair.BenchIssuer;
import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.policy.UserFact;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokensInTurnTest {
    @Test
    void eachIsAnotherUserAndTheFirstComesAgainBehindTheLast() {
        TokensInTurn tokens = new TokensInTurn("shop", 3);
        Set<String> subjects = new HashSet<>();
        for (int i = 0; i < 6; i++) {
            subjects.add(((UserFact.Verified) tokens.verify().fact()).user().subject());
            assertThat(subjects).hasSize(Math.min(i + 1, 3));
        }
    }

    @Test
    void tokenIsAboutAsLongAsTheReportSaysAndNimbusTakesItToo() throws Exception {
        TokensInTurn tokens = new TokensInTurn("shop", 1);
        assertThat(tokens.text().length()).isBetween(280, 340);
        assertThat(SignedJWT.parse(tokens.text()).verify(new ECDSAVerifier(tokens.publicKey())))
                .isTrue();
    }

    @Test
    void onlyUsersOfTheIssuerThatNamesAVerifierMayGoOn() {
        assertThat(TokenMesh.mesh().issuers().get("travel").hopTokens().verifiedBy())
                .containsExactly("backend");
        assertThat(TokenMesh.mesh().issuers().get("shop").hopTokens().verifiedBy())
                .isEmpty();
    }

    @Test
    void strangersTokenDiffersInNothingButItsSignature() throws Exception {
        BenchIssuer issuer = BenchIssuer.create();
        SignedJWT good = SignedJWT.parse(TokenMesh.token(issuer, TokenMesh.SHOP, "alice"));
        SignedJWT forged = SignedJWT.parse(TokenMesh.token(BenchIssuer.create(), TokenMesh.SHOP, "alice"));
        assertThat(forged.getHeader().toString()).isEqualTo(good.getHeader().toString());
        assertThat(forged.getJWTClaimsSet().getClaims().keySet())
                .isEqualTo(good.getJWTClaimsSet().getClaims().keySet());
        assertThat(forged.verify(new ECDSAVerifier(issuer.publicKey()))).isFalse();
        assertThat(good.verify(new ECDSAVerifier(issuer.publicKey()))).isTrue();
    }

    @Test
    void verifierThatDoesNotAgreeFailsTheBenchmark() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new TokensInTurn("travel", 1, BenchIssuer.create(), BenchIssuer.create()).verify())
                .withMessageContaining("TOKEN_SIGNATURE");
    }
}
