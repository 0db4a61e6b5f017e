package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** aws/http-desync-guardian, {@code uri-specific-test-cases.yaml}: what its authors call ambiguous or severe in a URI is refused. */
class DesyncGuardianTest {
    private static final Path CORPUS = Path.of(
            System.getProperty("sallyport.corpora", "../shared/corpora"),
            "http-desync-guardian/tests/uri-specific-test-cases.yaml");

    @Test
    void urisThatAreNotCompliantAreRefused() throws IOException {
        assumeTrue(Files.exists(CORPUS), CORPUS + " is not here: set -Dsallyport.corpora to the folder of corpora");
        Problems problems = new Problems();
        Node cases = Documents.parse(new Source(CORPUS.toString(), Files.readString(CORPUS)), problems)
                .getFirst();
        assertThat(problems.list()).isEmpty();

        List<String> accepted = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Node node : ((Node.Sequence) cases).items()) {
            String tier = text(node, "expected", "tier");
            if (!text(node, "version").equals("HTTP/1.1")) {
                continue; // the version is the head scanner's to judge
            }
            (accepts(text(node, "method"), text(node, "uri")) ? accepted : refused)
                    .add(tier + " " + text(node, "name"));
        }

        assertThat(accepted).allMatch(name -> name.startsWith("Compliant"));
        assertThat(refused).hasSizeGreaterThan(5);
        // Stricter than the corpus on purpose: no encoded control characters in a path.
        assertThat(refused)
                .filteredOn(name -> name.startsWith("Compliant"))
                .allMatch(name -> name.contains("%09") || name.contains("%0A") || name.contains("%0D"));
    }

    private static boolean accepts(String method, String uri) {
        try {
            CanonicalRequest.of(bytes(method), bytes(uri), bytes("localhost"));
            return true;
        } catch (RequestRejectedException refused) {
            return false;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Node node, String... path) {
        Node at = node;
        for (String key : path) {
            Node.Entry entry = ((Node.Mapping) at).entries().get(key);
            if (entry == null) {
                return "";
            }
            at = entry.value();
        }
        return ((Node.Scalar) at).text();
    }
}
