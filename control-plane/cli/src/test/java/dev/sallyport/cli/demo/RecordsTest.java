package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsTest {
    @TempDir
    private Path temporary;

    @Test
    void logsAreWholeWhileEachHasItsFirstSegment() throws Exception {
        DemoFolder folder = DemoFolder.kept(temporary.resolve("kept"));
        Records records = new Records(folder);
        Path orders = segment(folder, "orders", 1);
        segment(folder, "web", 1);
        segment(folder, "web", 2);
        assertThat(records.whole()).isTrue();
        Files.delete(orders);
        segment(folder, "orders", 2);
        assertThat(records.whole()).isFalse();
    }

    private static Path segment(DemoFolder folder, String service, int number) throws Exception {
        Path audit = Files.createDirectories(folder.state(service).resolve("audit"));
        return Files.createFile(audit.resolve("%08d.audit.jsonl".formatted(number)));
    }
}
