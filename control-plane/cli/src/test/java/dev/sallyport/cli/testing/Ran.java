package dev.sallyport.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One command, run in this process, and what came of it. */
public record Ran(int exit, String out, String err) {
    public static Ran sallyport(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int exit = Cli.execute(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                words);
        return new Ran(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    public JsonNode json() {
        try {
            return new ObjectMapper().readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON on stdout: " + this, e);
        }
    }

    /** Ended with {@code exit}, and its last word is one line of ours that says each of {@code says}. */
    public Ran refused(int expected, String... says) {
        assertThat(exit).as(toString()).isEqualTo(expected);
        assertThat(err).as("stderr").startsWith("sallyport: ").contains(says).doesNotContain("\tat ", "Exception");
        return this;
    }

    /** Ended well. */
    public Ran held() {
        assertThat(exit).as(toString()).isZero();
        return this;
    }
}
