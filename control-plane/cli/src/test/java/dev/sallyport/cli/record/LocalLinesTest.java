package dev.sallyport.cli.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLinesTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void file() throws IOException {
        file = Files.createDirectories(folder.resolve("back/audit")).resolve("00000001.audit.jsonl");
        Files.writeString(file, "");
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static String line(int number) {
        return "{\"Timestamp\":\"1772446447113000000\",\"EventName\":\"sallyport.request\",\"audit.sequence.number\":"
                + number + "}";
    }

    private static List<Long> numbers(LocalLines lines) throws IOException {
        List<Long> numbers = new ArrayList<>();
        lines.forEachNew((_, line) -> numbers.add(line.number()));
        return numbers;
    }

    @Test
    void eachLineIsGivenOnceAndOnlyWhenItIsWhole() throws Exception {
        LocalLines lines = new LocalLines(folder);
        append(line(1) + "\n" + line(2).substring(0, 20));
        assertThat(numbers(lines)).containsExactly(1L);
        assertThat(numbers(lines)).isEmpty();
        append(line(2).substring(20) + "\n");
        assertThat(numbers(lines)).containsExactly(2L);
    }

    @Test
    void zerosThatAreNotWrittenYetEndTheFile() throws Exception {
        LocalLines lines = new LocalLines(folder);
        byte[] bytes = new byte[4096];
        byte[] first = (line(1) + "\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(first, 0, bytes, 0, first.length);
        Files.write(file, bytes);
        assertThat(numbers(lines)).containsExactly(1L);
        byte[] second = (line(2) + "\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(second, 0, bytes, first.length, second.length);
        Files.write(file, bytes);
        assertThat(numbers(lines)).containsExactly(2L);
    }

    @Test
    void whatIsNoRecordIsPassedOver() throws Exception {
        append("not a record\n" + line(1) + "\n");
        assertThat(numbers(new LocalLines(folder))).containsExactly(1L);
    }
}
