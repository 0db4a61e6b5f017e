package dev.sallyport.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckFixTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sallyport status --wait 7              | sallyport status --wait 7 --context c",
                "sallyport check                        | sallyport check --context c",
                "'sallyport check   # is it there?'     | 'sallyport check --context c   # is it there?'",
                "sallyport audit findings               | sallyport audit findings --context c",
                "sallyport check --context FILE         | sallyport check --context FILE",
                "sallyport audit verify state/a/audit   | sallyport audit verify state/a/audit",
                "sallyport proxy config --state state/a | sallyport proxy config --state state/a",
                "chmod 600 sallyport/check              | chmod 600 sallyport/check",
            })
    void whatAsksTheControlPlaneNamesTheContextThatWasGiven(String fix, String repeated) {
        assertThat(Check.failed(CheckCode.BEHIND, "sidecars", "late", fix)
                        .with(Path.of("c"))
                        .fix())
                .contains(repeated);
    }
}
