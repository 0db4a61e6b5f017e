package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordKeysTest {
    private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");
    private static final String ALICE = WordKey.subject("shop", "alice");

    @TempDir
    private Path state;

    private WordKeys at(Instant time) {
        return new WordKeys(state, Clock.fixed(time, ZoneOffset.UTC));
    }

    @Test
    void wordNamesItsEpochAndIsTheSameAsLongAsItLasts() throws IOException {
        WordKey first = at(NOW).current();
        assertThat(first.epoch()).isEqualTo(1);
        String word = first.word(ALICE);
        assertThat(word).matches("k1-[0-9a-f]{16}");
        assertThat(at(NOW.plus(Duration.ofDays(89))).current().word(ALICE)).isEqualTo(word);
        assertThat(WordKey.epochOf(word)).isEqualTo(OptionalInt.of(1));
    }

    @Test
    void afterNinetyDaysANewEpochBeginsAndOldWordsAreStillFound() throws IOException {
        String old = at(NOW).current().word(ALICE);
        WordKeys later = at(NOW.plus(WordKeys.EPOCH));
        assertThat(later.current().epoch()).isEqualTo(2);
        assertThat(later.current().word(ALICE)).startsWith("k2-").isNotEqualTo("k2" + old.substring(2));
        assertThat(later.keyOf(old).orElseThrow().word(ALICE)).isEqualTo(old);
        assertThat(later.words(ALICE)).containsExactly(old, later.current().word(ALICE));
    }

    @Test
    void destroyedKeyCanBeFoundNoMoreByAnybody() throws IOException {
        WordKeys keys = at(NOW);
        String old = keys.current().word(ALICE);
        keys.rotate();
        assertThat(keys.destroy(1)).isTrue();
        assertThat(keys.keyOf(old)).isEmpty();
        assertThat(keys.words(ALICE))
                .hasSize(1)
                .allSatisfy(word -> assertThat(word).startsWith("k2-"));
        assertThat(keys.list().getFirst().destroyed()).contains(NOW);
        assertThat(keys.destroy(1)).as("once").isFalse();
        assertThat(keys.rotate().number()).as("no number comes again").isEqualTo(3);
    }

    @Test
    void keyInUseIsNotDestroyed() throws IOException {
        WordKeys keys = at(NOW);
        keys.current();
        assertThatThrownBy(() -> keys.destroy(1)).hasMessageContaining("in use").hasMessageContaining("rotate first");
        assertThat(keys.current().epoch()).isEqualTo(1);
        assertThat(keys.destroy(7)).isFalse();
    }

    @Test
    void wordsFromBeforeThereWereEpochsAreReadWithTheirOwnKeyUntilItIsDestroyed() throws IOException {
        Files.writeString(state.resolve("audit-key"), "07".repeat(32));
        String old = new WordKey(0, new byte[] {
                    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7
                })
                .word(ALICE);
        assertThat(old).matches("k-[0-9a-f]{16}");
        WordKeys keys = at(NOW);
        assertThat(keys.keyOf(old).orElseThrow().word(ALICE)).isEqualTo(old);
        assertThat(keys.current().epoch()).isEqualTo(1);
        assertThat(keys.list()).extracting(WordKeys.Epoch::number).containsExactly(0, 1);
        assertThat(keys.destroy(0)).isTrue();
        assertThat(state.resolve("audit-key")).doesNotExist();
        assertThat(keys.keyOf(old)).isEmpty();
    }

    @Test
    void keysAreTheOwnersAloneAndNothingElseIsLeftLying() throws IOException {
        WordKeys keys = at(NOW);
        keys.current();
        keys.rotate();
        keys.destroy(1);
        Path folder = state.resolve("audit-keys");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.sorted().toList();
            assertThat(all)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactly("0001.destroyed", "0002.key");
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void brokenKeyFileIsNamedAndNotReplaced() throws IOException {
        at(NOW).current();
        Path file = state.resolve("audit-keys/0001.key");
        Files.writeString(file, NOW + " short\n");
        assertThatThrownBy(() -> at(NOW).current()).hasMessageContaining(file.toString());
        Files.writeString(file, "yesterday " + "00".repeat(32));
        assertThatThrownBy(() -> at(NOW).current()).hasMessageContaining("yesterday");
        Files.writeString(file, "");
        assertThatThrownBy(() -> at(NOW).current()).hasMessageContaining(file.toString());
    }

    @Test
    void whatIsNoWordHasNoEpoch() throws IOException {
        for (String text : List.of("", "alice", "k", "K1-00", "k1", "k1234567-00", "kay-1", "k-")) {
            assertThat(WordKey.epochOf(text))
                    .as(text)
                    .isEqualTo(text.equals("k-") ? OptionalInt.of(0) : OptionalInt.empty());
        }
        assertThat(at(NOW).keyOf("alice")).isEmpty();
    }

    @Test
    void keyIsNeverShown() {
        assertThat(new WordKey(3, new byte[32])).hasToString("WordKey[epoch 3]");
    }
}
