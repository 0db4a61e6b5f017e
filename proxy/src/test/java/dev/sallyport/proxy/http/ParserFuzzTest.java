package dev.sallyport.proxy.http;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * {@link ParserProperties} of what a coverage-guided fuzzer comes up with, one parser a run: {@code JAZZER_FUZZ=1 mvn test -pl proxy -am -Dtest='ParserFuzzTest#requests' -Dsurefire.failIfNoSpecifiedTests=false}. It begins with
 * the inputs under {@code src/test/resources} and leaves there what fails; {@link KeptInputsTest} repeats them, so that no agent instruments the classes of other tests.
 */
@EnabledIf(value = "fuzzing", disabledReason = ParserFuzzTest.REASON)
class ParserFuzzTest {
    static final String REASON = "fuzzes only with JAZZER_FUZZ=1; KeptInputsTest repeats its inputs";

    private final ParserProperties properties = new ParserProperties();

    static boolean fuzzing() {
        boolean fuzzing = System.getenv("JAZZER_FUZZ") != null;
        if (!fuzzing) {
            System.out.println("ParserFuzzTest skipped: " + REASON);
        }
        return fuzzing;
    }

    @DictionaryFile(resourcePath = "ParserFuzzTest.dict")
    @FuzzTest(maxDuration = "10m")
    void requests(byte[] bytes) {
        properties.requests(bytes);
    }

    @DictionaryFile(resourcePath = "ParserFuzzTest.dict")
    @FuzzTest(maxDuration = "10m")
    void responses(byte[] bytes) {
        properties.responses(bytes);
    }

    @DictionaryFile(resourcePath = "ParserFuzzTest.dict")
    @FuzzTest(maxDuration = "10m")
    void chunked(byte[] bytes) {
        properties.chunked(bytes);
    }

    @DictionaryFile(resourcePath = "ParserFuzzTest.dict")
    @FuzzTest(maxDuration = "10m")
    void trailers(byte[] bytes) {
        properties.trailers(bytes);
    }
}
