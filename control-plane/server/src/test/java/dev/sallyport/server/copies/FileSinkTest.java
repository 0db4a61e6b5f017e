package dev.sallyport.server.copies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.export.ExportRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a shipper can follow: whole lines, one name for good, never shorter than before. */
class FileSinkTest {
    @TempDir
    Path folder;

    private final FakeLog log = new FakeLog();

    private CopySettings settings(CopySettings.Kind kind, int files) {
        return new CopySettings(
                "siem", kind, new CopySettings.Files(folder.resolve("out"), 1, files), false, CopyWorld.LABELS);
    }

    private Copy copy(CopySettings settings) {
        Sink sink = Copies.sink(
                settings,
                (_, _) -> {
                    throw new IOException("files need no network");
                },
                Clock.systemUTC());
        return new Copy(settings, folder.resolve("cursor"), log, sink, Clock.systemUTC(), Duration.ofMillis(5));
    }

    private void catchUp(CopySettings settings) throws Exception {
        try (Copy copy = copy(settings)) {
            copy.catchUp();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            return files.sorted().toList();
        }
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files()) {
            lines.addAll(Files.readAllLines(file, StandardCharsets.US_ASCII));
        }
        return lines;
    }

    @Test
    void linesAreTheEntriesOverRestartsAndRotations() throws Exception {
        for (int round = 0; round < 6; round++) {
            log.batch("orders", 1000);
            catchUp(settings(CopySettings.Kind.LINES, 100));
        }
        assertThat(lines()).isEqualTo(log.texts(0));
        assertThat(files()).hasSizeGreaterThan(2).allSatisfy(file -> {
            assertThat(file.getFileName().toString()).matches("siem-0000000[0-9]\\.jsonl");
            assertThat(Files.size(file)).isLessThanOrEqualTo(1024 * 1024 + Reading.BYTES_MAX);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .startsWith("rw-")
                    .endsWith("---");
        });
    }

    @Test
    void oldestFilesGoAndOthersInTheFolderStay() throws Exception {
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/siem.jsonl"), "mine");
        for (int round = 0; round < 6; round++) {
            log.batch("orders", 1500);
            catchUp(settings(CopySettings.Kind.LINES, 2));
        }
        assertThat(files()).hasSize(3).contains(folder.resolve("out/siem.jsonl"));
        assertThat(lines())
                .contains(log.texts((int) log.size() - 1).getFirst())
                .doesNotContain(log.texts(0).getFirst());
    }

    @Test
    void fileThatEndsWithinALineIsLeftAsItIs() throws Exception {
        log.batch("orders", 3);
        catchUp(settings(CopySettings.Kind.LINES, 10));
        Path first = files().getFirst();
        Files.writeString(first, "{\"Timest", StandardOpenOption.APPEND);
        long size = Files.size(first);
        log.batch("orders", 3);
        catchUp(settings(CopySettings.Kind.LINES, 10));
        assertThat(Files.size(first)).isEqualTo(size);
        assertThat(Files.readAllLines(files().getLast())).isEqualTo(log.texts(4));
    }

    @Test
    void ocsfHasWhatHasAClassAndCountsTheRest() throws Exception {
        log.batch("orders", 5).batch("orders", 5);
        try (Copy copy = copy(settings(CopySettings.Kind.OCSF, 10))) {
            copy.catchUp();
            assertThat(copy.status().sent()).isEqualTo(10);
            assertThat(copy.status().leftOut()).isEqualTo(2);
            assertThat(copy.status().refused()).isZero();
        }
        assertThat(lines()).hasSize(10).allMatch(line -> line.startsWith("{\"class_uid\":4002,"));
        log.batch("orders", 2000);
        log.first = 1024;
        catchUp(settings(CopySettings.Kind.OCSF, 10));
        assertThat(lines().get(10)).contains("\"class_uid\":0", "entries from 12 to before 1024");
    }

    @Test
    void folderThatIsNotThereYetIsWaitedFor() throws Exception {
        Files.writeString(folder.resolve("out"), "a file is in the way");
        log.batch("orders", 3);
        try (Copy copy = copy(settings(CopySettings.Kind.LINES, 10))) {
            copy.start();
            CopyWorld.await(() -> copy.status().problem().isPresent());
            Files.delete(folder.resolve("out"));
            CopyWorld.await(() -> copy.lagRecords() == 0);
        }
        assertThat(lines()).isEqualTo(log.texts(0));
    }

    @Test
    void linkInPlaceOfAFileIsNotFollowed() throws Exception {
        Path other = Files.writeString(folder.resolve("other"), "");
        Files.createDirectories(folder.resolve("out"));
        Files.createSymbolicLink(folder.resolve("out/siem-00000001.jsonl"), other);
        Sink sink = Copies.sink(
                settings(CopySettings.Kind.LINES, 10),
                (_, _) -> {
                    throw new IOException();
                },
                Clock.systemUTC());
        assertThatThrownBy(() ->
                        sink.deliver(List.of(ExportRecord.of("{}".getBytes(StandardCharsets.UTF_8), 0, "", 0))))
                .isInstanceOf(IOException.class);
        assertThat(other).isEmptyFile();
    }
}
