package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.tlog.TileStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut between any two effects leaves is opened again: nothing that was answered is lost, nothing is there twice. */
class CrashTest {
    @TempDir
    Path folder;

    private final List<Path> cuts = new CopyOnWriteArrayList<>();

    /** Keeps a copy of the whole state before and after each write to the log. */
    private final class Cutting implements TileStore {
        private final TileStore real;

        Cutting(TileStore real) {
            this.real = real;
        }

        @Override
        public Optional<byte[]> read(String path) throws IOException {
            return real.read(path);
        }

        @Override
        public void write(Map<String, byte[]> files) throws IOException {
            cut();
            // Of several files any may be there after a crash.
            if (files.size() > 1) {
                Map.Entry<String, byte[]> one = files.entrySet().iterator().next();
                real.write(one.getKey(), one.getValue());
                cut();
            }
            real.write(files);
            cut();
        }

        @Override
        public void delete(String path) throws IOException {
            real.delete(path);
        }
    }

    private volatile boolean cutting;

    private void cut() throws IOException {
        if (cutting) {
            Path copy = folder.resolve("cut-" + cuts.size());
            Folders.copy(folder.resolve("mesh/state"), copy.resolve("state"));
            cuts.add(copy);
        }
    }

    @Test
    void whateverACrashLeavesIsOpenedWithEveryAnsweredRecordOnce() throws Exception {
        Path at = folder.resolve("mesh");
        Files.createDirectories(at);
        TestCollector mesh = new TestCollector(at);
        mesh.close();
        mesh.between = Cutting::new; // from here on
        mesh.open();
        mesh.entries(); // what it writes by itself is there
        TestLog log = mesh.log("one", 600);
        mesh.collector.records().listen((_, _) -> {
            try {
                cut(); // the tables know it, the journal has it still
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        cutting = true;
        for (long first = 1; first <= 500; first += 250) {
            mesh.take(log, first, first + 249);
            mesh.awaitIntegrated();
        }
        cutting = false;
        mesh.close();
        List<String> all = LongStream.rangeClosed(1, 600)
                .mapToObj(number -> new String(log.line(number), StandardCharsets.US_ASCII))
                .toList();
        assertThat(cuts.size()).isGreaterThan(8);
        mesh.between = tiles -> tiles;
        for (Path cut : cuts) {
            again(mesh, cut, log, all);
        }
    }

    /** The first batch was answered before any cut; a sidecar without its other answers sends everything again. */
    private static void again(TestCollector mesh, Path cut, TestLog log, List<String> all) throws Exception {
        Folders.delete(mesh.folder.resolve("state"));
        Folders.copy(cut.resolve("state"), mesh.folder.resolve("state"));
        mesh.open();
        List<String> found = new ArrayList<>(mesh.records());
        assertThat(found.size()).as(cut.toString()).isIn(250, 500);
        assertThat(found).isEqualTo(all.subList(0, found.size()));
        for (long first = 1; first <= 600; first += 200) {
            assertThat(mesh.collector.take(log.batch(mesh.back, first, first + 199), mesh.back.id()))
                    .isInstanceOf(Answer.Received.class);
        }
        assertThat(mesh.records()).as(cut.toString()).isEqualTo(all);
        mesh.close();
    }
}
