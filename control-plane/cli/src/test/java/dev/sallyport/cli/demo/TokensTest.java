package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final String SIGNATURE = "s".repeat(64); // as long as one of ES256
    private static final String GOOD = encoded("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "."
            + encoded("{\"sub\":\"alice\"}") + "." + encoded(SIGNATURE);

    @Test
    void strangerKeepsEverythingButTheSignature() {
        String[] parts = Tokens.signedByStranger(GOOD).split("\\.", -1);
        assertThat(List.of(parts)).hasSize(3);
        assertThat(GOOD).startsWith(parts[0] + "." + parts[1] + ".");
        assertThat(Base64.getUrlDecoder().decode(parts[2])).hasSize(64); // RFC 7518 section 3.4
        assertThat(parts[2]).isNotEqualTo(GOOD.split("\\.", -1)[2]);
    }

    @Test
    void unsignedTokenKeepsTheClaims() {
        String[] parts = Tokens.unsigned(GOOD).split("\\.", -1);
        assertThat(List.of(parts)).hasSize(3);
        assertThat(new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.US_ASCII))
                .contains("\"alg\":\"none\"");
        assertThat(parts[1]).isEqualTo(GOOD.split("\\.", -1)[1]);
        assertThat(parts[2]).isEmpty();
    }

    @Test
    void commandsForAShellMakeTokensOfTheSameKind() throws Exception {
        String[] other = shell(Tokens.SHELL_OTHER_SIGNATURE).split("\\.", -1);
        assertThat(List.of(other)).hasSize(3);
        assertThat(GOOD).startsWith(other[0] + "." + other[1] + ".");
        byte[] signature = Base64.getUrlDecoder().decode(other[2]);
        assertThat(signature).hasSize(64).isNotEqualTo(SIGNATURE.getBytes(StandardCharsets.US_ASCII));
        assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(signature))
                .isEqualTo(other[2]); // no stray bits
        assertThat(shell(Tokens.SHELL_UNSIGNED)).isEqualTo(Tokens.unsigned(GOOD));
        // As the step prints them: one after the other.
        assertThat(shell(Tokens.SHELL_OTHER_SIGNATURE + "\n" + Tokens.SHELL_UNSIGNED))
                .isEqualTo(Tokens.unsigned(GOOD));
    }

    private static String shell(String lines) throws Exception {
        Process shell = new ProcessBuilder("/bin/sh", "-c", "TOKEN=" + GOOD + "\n" + lines + "\nprintf %s \"$TOKEN\"")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String token = new String(shell.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(shell.waitFor()).isZero();
        return token;
    }

    @Test
    void wordsForAShellAreQuotedWhereTheyMustBe() {
        assertThat(Scene.quoted("/tmp/a-b_c.d:1")).isEqualTo("/tmp/a-b_c.d:1");
        assertThat(Scene.quoted("/tmp/a b")).isEqualTo("'/tmp/a b'");
        assertThat(Scene.quoted("it's")).isEqualTo("'it'\\''s'");
        assertThat(Scene.quoted("")).isEqualTo("''");
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
