package dev.sallyport.server.copies;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sink that repeats what it was sent tells nobody. */
class SecretsTest {
    private static String hidden(String text, String... values) {
        return new String(
                new Secrets(List.of(values)).hidden(text.getBytes(StandardCharsets.ISO_8859_1)),
                StandardCharsets.ISO_8859_1);
    }

    @Test
    void everyWordOfAValueIsHiddenWhereverItStands() {
        assertThat(hidden("{\"reason\":\"token abcdefgh1 of Bearer abcdefgh1\"}", "Bearer abcdefgh1"))
                .isEqualTo("{\"reason\":\"token ********* of Bearer *********\"}");
    }

    @Test
    void passwordInsideOfBase64IsHiddenToo() {
        String basic = Base64.getEncoder().encodeToString("writer:correct-horse".getBytes(StandardCharsets.UTF_8));
        assertThat(hidden("no user writer with correct-horse: " + basic, "Basic " + basic))
                .startsWith("no user writer with *************: ****")
                .doesNotContain(basic.substring(4));
    }

    @Test
    void otherTextStaysAsItIs() {
        byte[] text = "{\"errors\":true}".getBytes(StandardCharsets.UTF_8);
        assertThat(new Secrets(List.of("Bearer abcdefgh1", "true", "shop")).hidden(text))
                .isSameAs(text);
        assertThat(new Secrets(List.of()).hidden(text)).isSameAs(text);
    }
}
