package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Inclusion and consistency proofs that others published, good and bad. */
class MerkleCorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("sallyport.corpora", "../../../shared/corpora"), "merkle", "testdata");

    @Test
    void inclusionProofsHoldWhereTheyShouldAndOnlyThere() throws IOException {
        List<Path> files = files("inclusion");
        for (Path file : files) {
            Map<String, List<String>> proof = read(file);
            boolean holds = hash(proof, "root")
                    .flatMap(root -> hash(proof, "leafHash")
                            .map(leaf -> MerkleProof.included(
                                    leaf,
                                    number(proof, "leafIdx"),
                                    new Tree(number(proof, "treeSize"), root),
                                    hashes(proof))))
                    .orElse(false);
            assertThat(holds).as(file.toString()).isEqualTo(!failing(proof));
        }
        assertThat(files).hasSizeGreaterThan(80);
    }

    @Test
    void consistencyProofsHoldWhereTheyShouldAndOnlyThere() throws IOException {
        List<Path> files = files("consistency");
        for (Path file : files) {
            Map<String, List<String>> proof = read(file);
            boolean holds = MerkleProof.consistent(
                    new Tree(number(proof, "size1"), root(proof, "root1")),
                    new Tree(number(proof, "size2"), root(proof, "root2")),
                    hashes(proof));
            assertThat(holds).as(file.toString()).isEqualTo(!failing(proof));
        }
        assertThat(files).hasSizeGreaterThan(80);
    }

    private static List<Path> files(String folder) throws IOException {
        assumeTrue(Files.isDirectory(CORPUS), "skipped: no folder " + CORPUS + " (system property sallyport.corpora)");
        try (Stream<Path> files = Files.walk(CORPUS.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }

    /** Every member as a list of texts. */
    private static Map<String, List<String>> read(Path file) throws IOException {
        Map<String, List<String>> members = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(Files.readAllBytes(file))) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                List<String> values = new ArrayList<>();
                if (parser.nextToken() == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        values.add(parser.getText());
                    }
                } else {
                    values.add(parser.getText());
                }
                members.put(name, values);
            }
        }
        return members;
    }

    private static String text(Map<String, List<String>> proof, String name) {
        return Optional.ofNullable(proof.get(name)).orElseThrow().getFirst();
    }

    private static long number(Map<String, List<String>> proof, String name) {
        return Long.parseUnsignedLong(text(proof, name));
    }

    private static boolean failing(Map<String, List<String>> proof) {
        return text(proof, "wantErr").equals("true");
    }

    /** What is no hash of 32 bytes cannot even be asked about. */
    private static Optional<Hash> hash(Map<String, List<String>> proof, String name) {
        return Hash.parse(text(proof, name));
    }

    /** Some roots are any text ("don't care"), which a hash stands for here: the same for the same text. */
    private static Hash root(Map<String, List<String>> proof, String name) {
        return hash(proof, name)
                .orElseGet(() -> MerkleProof.leaf(text(proof, name).getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Hash> hashes(Map<String, List<String>> proof) {
        List<String> texts = proof.getOrDefault("proof", List.of());
        List<Hash> hashes = texts.equals(List.of("null"))
                ? List.of()
                : texts.stream().flatMap(text -> Hash.parse(text).stream()).toList();
        // A component that is no hash makes the proof one that cannot be read: too long to hold, here.
        return hashes.size() == texts.size() || texts.equals(List.of("null"))
                ? hashes
                : java.util.Collections.nCopies(MerkleProof.HASHES_MAX + 1, Tree.EMPTY.root());
    }
}
