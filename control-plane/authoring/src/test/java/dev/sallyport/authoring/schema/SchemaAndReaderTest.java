package dev.sallyport.authoring.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reader says, of a key that it does not know, which ones it knows: so both lists are held against each other in every mapping of the language. */
class SchemaAndReaderTest {
    private static final String STRANGE = "qqqqqqqqqqqqqqqq"; // near to no key
    private static final Pattern KNOWN = Pattern.compile("unknown \\(expected: one of (.*)\\)");

    private final List<JsonNode> documents = YamlJson.documents(SchemasTest.language());
    /** By the keys of the schema, those of the reader: some it knows only beside others, as port beside service. */
    private final Map<List<String>, Set<String>> read = new TreeMap<>(Comparator.comparing(List<String>::toString));

    @Test
    void bothKnowTheSameKeysEverywhere() {
        for (JsonNode document : documents) {
            visit(document, Vocabulary.of(document.path("kind").asText()));
        }

        assertThat(read).hasSizeGreaterThan(15);
        assertThat(read).allSatisfy((keys, known) -> assertThat(known).containsExactlyInAnyOrderElementsOf(keys));
    }

    private void visit(JsonNode node, Vocabulary vocabulary) {
        if (node instanceof ObjectNode object) {
            if (!vocabulary.keys().isEmpty()) {
                object.put(STRANGE, "x");
                read.computeIfAbsent(vocabulary.keys(), _ -> new TreeSet<>()).addAll(known());
                object.remove(STRANGE);
            }
            object.properties().forEach(entry -> visit(entry.getValue(), vocabulary.key(entry.getKey())));
        }
        node.valueStream().filter(_ -> node.isArray()).forEach(item -> visit(item, vocabulary.item()));
    }

    /** The keys that the reader names beside the strange one. */
    private List<String> known() {
        List<Source> sources = new ArrayList<>();
        documents.forEach(document -> sources.add(new Source(sources.size() + ".json", document.toString())));
        return problems(sources)
                .filter(problem -> problem.path().endsWith(STRANGE))
                .map(problem -> KNOWN.matcher(problem.message()))
                .filter(Matcher::matches)
                .flatMap(matcher -> Stream.of(matcher.group(1).split(", ")))
                .toList();
    }

    private static Stream<Problem> problems(List<Source> sources) {
        try {
            WorkingTree.load(sources, Instant.parse("2026-03-02T10:00:00Z"));
            throw new AssertionError("nobody minds " + STRANGE + " in " + sources);
        } catch (InvalidDocumentException invalid) {
            return invalid.problems().stream();
        }
    }
}
