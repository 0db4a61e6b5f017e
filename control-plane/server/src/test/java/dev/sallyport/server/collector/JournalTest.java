package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.tlog.TiledLog;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was answered is there after any crash; what was not may be, and is never something else. */
class JournalTest {
    @TempDir
    Path folder;

    private static List<Frame> frames(long first, String... leaves) {
        List<Frame> frames = new ArrayList<>();
        for (String leaf : leaves) {
            frames.add(
                    new Frame(first + frames.size(), List.of(leaf.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
        }
        return frames;
    }

    private List<String> leaves(long logSize) throws IOException {
        Journal.Opened opened = Journal.open(folder, logSize);
        opened.journal().close();
        return opened.frames().stream()
                .flatMap(frame -> frame.leaves().stream())
                .map(leaf -> new String(leaf, StandardCharsets.UTF_8))
                .toList();
    }

    private void write(long logSize, String... leaves) throws IOException {
        Journal journal = Journal.open(folder, logSize).journal();
        for (String leaf : leaves) {
            journal.append(frames(journal.end(), leaf));
        }
        journal.close();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void whatTheLogLacksIsFoundAgainInOrder() throws IOException {
        write(0, "a", "b", "c");
        assertThat(leaves(0)).containsExactly("a", "b", "c");
        assertThat(leaves(2)).containsExactly("c");
        assertThat(leaves(3)).isEmpty();
        write(1, "d");
        assertThat(leaves(0)).containsExactly("a", "b", "c", "d");
        assertThat(files()).hasSize(2);
    }

    @Test
    void aTornTailIsLeftOutAndWrittenAnew() throws IOException {
        write(0, "a", "b");
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (int length = whole.length - 1; length > whole.length / 2; length--) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(leaves(0)).as("%d bytes", length).containsExactly("a");
        }
        write(0, "B", "c");
        assertThat(leaves(0)).containsExactly("a", "B", "c");
        assertThat(leaves(1)).containsExactly("B", "c");
    }

    @Test
    void damageToWhatWasAnsweredIsNamedAndNotTakenForATornTail() throws IOException {
        write(0, "a", "b", "c");
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.clone();
        damaged[FrameBytes.HEAD_BYTES + 2] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> leaves(0)).hasMessageContaining("damaged at byte 0");
        Files.write(file, whole);
        assertThat(leaves(0)).hasSize(3);
    }

    @Test
    void aJournalThatBeginsBehindTheLogsEndIsRefused() throws IOException {
        write(10, "a");
        assertThatThrownBy(() -> leaves(9))
                .hasMessageContaining("begins with leaf 10")
                .hasMessageContaining("at most 9");
        assertThat(leaves(10)).containsExactly("a");
        assertThat(leaves(11)).isEmpty();
    }

    @Test
    void aFileThatFailedIsNeverWrittenAgainAndWhatItHasBeyondIsNotCounted() throws IOException {
        List<Path> made = new ArrayList<>();
        Journal.Creating failing = file -> {
            made.add(file);
            FileChannel real = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return made.size() == 1 ? new FailingChannel(real, 2) : real;
        };
        Journal journal = Journal.open(folder, 0, failing).journal();
        journal.append(frames(0, "a"));
        // Written, but the force fails: nobody is told that it counts.
        assertThatThrownBy(() -> journal.append(frames(1, "b"))).isInstanceOf(IOException.class);
        assertThat(journal.end()).isEqualTo(1);
        journal.append(frames(1, "B", "C"));
        journal.close();
        assertThat(made).hasSize(2);
        assertThat(leaves(0)).containsExactly("a", "B", "C");
    }

    @Test
    void aLeafThatTheLogCannotTakeNeverComesIntoTheJournal() throws Exception {
        String longest = "x".repeat(TiledLog.ENTRY_BYTES_MAX);
        write(0, longest);
        assertThat(leaves(0)).containsExactly(longest);
        Journal journal = Journal.open(folder, 0).journal();
        assertThatThrownBy(() -> journal.append(frames(1, "b", longest + "x"))).hasMessageContaining("65536 bytes");
        assertThat(journal.end()).isEqualTo(1);
        journal.append(frames(1, "B"));
        journal.close();
        assertThat(leaves(0)).containsExactly(longest, "B");
        List<byte[]> taken = List.of(new byte[TiledLog.ENTRY_BYTES_MAX]);
        assertThat(Frame.taken(0, taken, Optional.empty()).end()).isEqualTo(1);
        List<byte[]> refused = List.of(new byte[TiledLog.ENTRY_BYTES_MAX + 1]);
        assertThatThrownBy(() -> Frame.taken(0, refused, Optional.empty()))
                .isInstanceOf(BatchRefusedException.class)
                .hasMessageContaining("65536 bytes");
    }

    @Test
    void filesGoWhenTheLogHasThem() throws IOException {
        write(0, "a", "b");
        write(0, "c");
        Journal journal = Journal.open(folder, 0).journal();
        journal.append(frames(journal.end(), "d"));
        assertThat(files()).hasSize(3);
        journal.release(1);
        assertThat(files()).hasSize(3);
        journal.release(2);
        assertThat(files()).hasSize(2);
        journal.release(100);
        assertThat(files()).hasSize(1);
        journal.close();
        assertThat(leaves(3)).containsExactly("d");
    }
}
