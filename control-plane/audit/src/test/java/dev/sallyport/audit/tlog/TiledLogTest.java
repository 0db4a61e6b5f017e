package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TiledLogTest {
    private final MemoryTileStore store = new MemoryTileStore();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 700, 1000})
    void rootIsThatOfTheRfcHoweverItGrew(int size) throws IOException {
        TiledLog atOnce = TiledLog.open(new MemoryTileStore());
        assertThat(atOnce.append(Reference.entries(0, size))).isZero();
        TiledLog bit = TiledLog.open(store);
        Random random = new Random(size);
        for (int at = 0; at < size; ) {
            int to = Math.min(size, at + 1 + random.nextInt(90));
            assertThat(bit.append(Reference.entries(at, to))).isEqualTo(at);
            bit = random.nextBoolean() ? bit : TiledLog.open(store);
            at = to;
        }
        Tree expected = new Tree(size, Reference.root(Reference.entries(0, size)));
        assertThat(atOnce.tree()).isEqualTo(expected);
        assertThat(bit.tree()).isEqualTo(expected);
        assertThat(TiledLog.open(store).tree()).isEqualTo(expected);
    }

    @Test
    void layoutIsThatOfTheSpecification() throws IOException {
        TiledLog log = TiledLog.open(store);
        log.append(Reference.entries(0, 70_000));
        // C2SP tlog-tiles: 273 full level 0 tiles, one partial of 112; one full level 1, one partial of 17; a partial
        // level 2 of width 1.
        assertThat(store.files.keySet().stream().filter(path -> path.matches("tile/0/[0-9]{3}")))
                .hasSize(273);
        assertThat(store.files.keySet())
                .contains("tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/272")
                .contains("tile/entries/273.p/112")
                .allMatch(path -> path.equals("tree") || TilePath.isPublic(path));
        assertThat(store.files.get("tile/1/000")).hasSize(8192);
    }

    @Test
    void largeIndexesAreSplitIntoThousands() {
        assertThat(TilePath.tile(0, 1_234_067, 256)).isEqualTo("tile/0/x001/x234/067");
        assertThat(TilePath.entries(1_000, 3)).isEqualTo("tile/entries/x001/000.p/3");
        assertThat(TilePath.isPublic("tile/0/x001/x234/067.p/255")).isTrue();
        for (String other : List.of(
                "",
                "tree",
                ".lock",
                "../x",
                "tile/64/000",
                "tile/00/000",
                "tile/0/0",
                "tile/0/000.p/256",
                "tile/0/000.p/0",
                "tile/0/001/000",
                "/tile/0/000",
                "tile/0/000/",
                "tile/0/000.new")) {
            assertThat(TilePath.isPublic(other)).as(other).isFalse();
        }
    }

    @Test
    void proofsAreThoseOfTheRfcForEverySize() throws IOException {
        List<byte[]> entries = Reference.entries(0, 600);
        TiledLog log = TiledLog.open(store);
        log.append(entries.subList(0, 290));
        log.append(entries.subList(290, 600));
        Random random = new Random(8);
        for (int size : new int[] {1, 2, 3, 5, 8, 255, 256, 257, 300, 511, 512, 513, 600}) {
            List<byte[]> first = entries.subList(0, size);
            Tree tree = new Tree(size, Reference.root(first));
            assertThat(log.treeAt(size)).isEqualTo(tree);
            for (int i = 0; i < 20; i++) {
                int index = random.nextInt(size);
                List<Hash> proof = log.inclusion(index, size);
                assertThat(proof).isEqualTo(Reference.inclusion(index, first));
                assertThat(MerkleProof.included(MerkleProof.leaf(entries.get(index)), index, tree, proof))
                        .isTrue();
                int old = 1 + random.nextInt(size);
                List<Hash> growth = log.consistency(old, size);
                assertThat(growth).as("%d in %d", old, size).isEqualTo(Reference.consistency(old, first, true));
                assertThat(MerkleProof.consistent(log.treeAt(old), tree, growth))
                        .isTrue();
            }
        }
    }

    @Test
    void entriesAreReadBackAsTheyWere() throws IOException {
        List<byte[]> entries = Reference.entries(0, 600);
        TiledLog log = TiledLog.open(store);
        log.append(entries);
        assertThat(log.entry(256)).isEqualTo(entries.get(256));
        assertThat(log.entries(200, 300)).containsExactlyElementsOf(entries.subList(200, 500));
        assertThat(log.entries(590, 300)).containsExactlyElementsOf(entries.subList(590, 600));
        assertThat(log.entries(600, 1)).isEmpty();
        assertThatThrownBy(() -> log.entry(600))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("600");
    }

    @Test
    void appendThatFailsAddsNothingAndTheNextOneDoes() throws IOException {
        for (int failing = 0; failing < 2; failing++) {
            MemoryTileStore disk = new MemoryTileStore();
            TiledLog log = TiledLog.open(disk);
            log.append(Reference.entries(0, 300));
            Tree before = log.tree();
            disk.writesUntilFailure = failing;
            assertThatThrownBy(() -> log.append(Reference.entries(1_000, 1_400)))
                    .isInstanceOf(IOException.class);
            assertThat(log.tree()).isEqualTo(before);
            assertThat(TiledLog.open(disk).tree()).isEqualTo(before);
            disk.writesUntilFailure = Integer.MAX_VALUE;
            log.append(Reference.entries(300, 700));
            assertThat(log.tree().root()).isEqualTo(Reference.root(Reference.entries(0, 700)));
            assertThat(log.entry(450)).isEqualTo("entry 450".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @Test
    void entryLongerThanItsLengthCanSayIsRefused() throws IOException {
        TiledLog log = TiledLog.open(store);
        log.append(List.of(new byte[65_535], new byte[0]));
        assertThat(log.entry(0)).hasSize(65_535);
        assertThatThrownBy(() -> log.append(List.of(new byte[65_536])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65536");
    }

    @Test
    void damagedRightEdgeIsRefused() throws IOException {
        TiledLog.open(store).append(Reference.entries(0, 300));
        store.read("tile/0/001.p/44").orElseThrow()[7] ^= 1;
        assertThatThrownBy(() -> TiledLog.open(store))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("root");
        store.files.put("tree", new byte[] {'3'});
        assertThatThrownBy(() -> TiledLog.open(store)).hasMessageContaining("damaged");
    }

    @Test
    void partialFilesGoWhenTheFullOneIsThere() throws IOException {
        TiledLog log = TiledLog.open(store);
        log.append(Reference.entries(0, 100));
        log.append(Reference.entries(100, 200));
        assertThat(store.files).containsKeys("tile/0/000.p/100", "tile/0/000.p/200");
        log.append(Reference.entries(200, 256));
        assertThat(store.files.keySet()).noneMatch(path -> path.startsWith("tile/0/000.p"));
    }
}
