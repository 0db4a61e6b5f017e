package dev.sallyport.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.codes.CodePage;
import dev.sallyport.authoring.codes.CodePages;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CheckCodeTest {
    /** A code without a page would be a promise of docs that nobody keeps. */
    @Test
    void everyCheckHasAPageAndEveryPageACheck() {
        assertThat(CodePages.ofChecks())
                .extracting(CodePage::code)
                .containsExactlyElementsOf(
                        Arrays.stream(CheckCode.values()).map(CheckCode::code).toList());
    }
}
