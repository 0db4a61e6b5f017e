package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link ParserProperties} of the inputs that {@link ParserFuzzTest} begins with, and of those that once failed it. */
class KeptInputsTest {
    @ParameterizedTest
    @EnumSource
    void keptInputsAreRefusedOrReadAlikeByEverybody(MutationTest.Parser parser) throws IOException, URISyntaxException {
        ParserProperties properties = new ParserProperties();
        int accepted = 0;
        int inputs = 0;
        for (Path input : inputs(parser)) {
            try {
                accepted += parser.accepted(properties, Files.readAllBytes(input)) > 0 ? 1 : 0;
                inputs++;
            } catch (AssertionError failure) {
                throw new AssertionError(input + ": " + failure.getMessage(), failure);
            }
        }
        assertThat(accepted).as("of %d inputs", inputs).isBetween(1, inputs - 1);
    }

    private static List<Path> inputs(MutationTest.Parser parser) throws IOException, URISyntaxException {
        String folder = "ParserFuzzTestInputs/" + parser.name().toLowerCase(Locale.ROOT);
        URL url = Objects.requireNonNull(KeptInputsTest.class.getResource(folder), folder);
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            return files.sorted().toList();
        }
    }
}
