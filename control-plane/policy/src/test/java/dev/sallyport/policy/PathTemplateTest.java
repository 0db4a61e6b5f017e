package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.policy.PathTemplate.Overlap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
    @ParameterizedTest
    @CsvSource({
        "/,/,true",
        "/,/a,false",
        "/a,/a,true",
        "/a,/A,false",
        "/a,/a/,false",
        "/a,/ab,false",
        "/a,/a/b,false",
        "/a/,/a/,true",
        "/a/,/a,false",
        "/a/{x},/a/b,true",
        "/a/{x},/a/,false",
        "/a/{x},/a,false",
        "/a/{x},/a/b/c,false",
        "/a/{x},/a/{x},true",
        "/a/{x}/,/a/b/,true",
        "/a/{x}/c,/a/b/c,true",
        "/a/{x}/c,/a/b/d,false",
        "/a/**,/a/b,true",
        "/a/**,/a/b/c/,true",
        "/a/**,/a,false",
        "/a/**,/a/,false",
        "/a/**,/ab,false",
        "/**,/a/b,true",
        "/**,/,false",
        "/admin.php,/adminXphp,false",
        "/a%20b,/a%20b,true",
    })
    void templateMatchesPerSegment(String template, String path, boolean matches) {
        assertThat(PathTemplate.parse(template).matches(path)).isEqualTo(matches);
    }

    /** CVE-2025-46821: a legal path character that the template language also uses. */
    @Test
    void everyLegalPathCharacterIsLiteralInAPathAndMatchedByAVariable() {
        for (char c : "!$&'()*+,=:@-._~aZ9".toCharArray()) {
            String path = "/a/x" + c;
            assertThat(PathTemplate.parse("/a/{x}").matches(path)).isTrue();
            assertThat(PathTemplate.parse("/a/xb").matches(path)).isFalse();
            if (c != '*') {
                assertThat(PathTemplate.parse(path).matches(path)).isTrue();
                assertThat(PathTemplate.parse(path).matches("/a/xb")).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "//",
                "/a//b",
                "/a/*",
                "/a*",
                "/**/a",
                "/a**",
                "/{}",
                "/{a b}",
                "/{a",
                "/a}",
                "/x{a}",
                "/{a}x",
                "/{a}/{a}",
                "/{a.b}",
                "/..",
                "/./a",
                "/a;b",
                "/a#",
                "/a?b",
                "/%2f",
                "/%61",
                "/a b",
                "/é",
                "/a\\b"
            })
    void templateThatCouldNeverMatchOrMeansSomethingElseIsRefused(String template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathTemplate.parse(template))
                .withMessageStartingWith("expected: ");
    }

    @Test
    void templatesAreBounded() {
        assertThat(PathTemplate.parse("/a".repeat(64)).segments()).hasSize(64);
        assertThatIllegalArgumentException().isThrownBy(() -> PathTemplate.parse("/a".repeat(65)));
        assertThatIllegalArgumentException().isThrownBy(() -> PathTemplate.parse("/" + "a".repeat(2048)));
    }

    @ParameterizedTest
    @CsvSource({
        "/a,/a,SAME",
        "/a,/b,NONE",
        "/a,/a/b,NONE",
        "/a/{x},/a/{y},SAME",
        "/a/{x},/a/b,CONTAINS",
        "/a/b,/a/{x},WITHIN",
        "/a/{x},/{y}/b,CROSSING",
        "/a/{x},/{y}/{z},WITHIN",
        "/a/,/a/{x},NONE",
        "/a/,/a/**,NONE",
        "/a/**,/a/**,SAME",
        "/a/**,/a/{x},CONTAINS",
        "/a/{x}/c,/a/**,WITHIN",
        "/a/**,/{x}/b,CROSSING",
        "/a/**,/b/**,NONE",
        "/{x}/**,/a/**,CONTAINS",
        "/a/**,/a,NONE",
        "/**,/{x},CONTAINS",
    })
    void overlapIsKnownWithoutTryingPaths(String a, String b, Overlap overlap) {
        assertThat(PathTemplate.parse(a).overlap(PathTemplate.parse(b))).isEqualTo(overlap);
        Overlap mirrored = switch (overlap) {
            case WITHIN -> Overlap.CONTAINS;
            case CONTAINS -> Overlap.WITHIN;
            default -> overlap;
        };
        assertThat(PathTemplate.parse(b).overlap(PathTemplate.parse(a))).isEqualTo(mirrored);
    }

    @ParameterizedTest
    @CsvSource({
        "/charges/{id}/refunds,/charges/c1/refunds,/charges/<id=c1>/refunds",
        "/files/**,/files/a/b/,/files/<**=a/b/>",
        "/,/,/",
        "/a/,/a/,/a/"
    })
    void maskedPathKeepsLiteralsOnly(String template, String path, String masked) {
        StringBuilder out = new StringBuilder();
        PathTemplate.parse(template).mask(path, (name, value) -> "<" + name + "=" + value + ">", out);
        assertThat(out).hasToString(masked);
    }
}
