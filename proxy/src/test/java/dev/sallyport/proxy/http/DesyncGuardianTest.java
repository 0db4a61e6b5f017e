package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The labelled requests of aws/http-desync-guardian, asked of head scanner and canonical request in turn, as the sidecar does: compliant ones are accepted, ambiguous and severe ones refused, and what is answered
 * otherwise, or merely acceptable, stands in {@code desync-exceptions.txt} with the reason.
 */
class DesyncGuardianTest {
    @Test
    void everyRequestIsAnsweredAsItsTierAsksOrListed() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> exceptions = new ArrayList<>();
        for (Path file : files()) {
            for (Node node : cases(file)) {
                String tier = text(node, "expected", "tier");
                String answer = accepted(node) ? "accepted" : "refused";
                counts.merge(tier + " " + answer, 1, Integer::sum);
                if (!answer.equals(tier.equals("Compliant") ? "accepted" : "refused") || tier.equals("Acceptable")) {
                    exceptions.add("%s %s %s: %s".formatted(tier, answer, file.getFileName(), text(node, "name")));
                }
            }
        }
        System.out.println("DesyncGuardianTest: " + counts);
        assertThat(exceptions).containsExactlyInAnyOrderElementsOf(Corpus.exceptions("desync-exceptions.txt"));
        assertThat(counts)
                .isEqualTo(Map.of(
                        "Compliant accepted", 15,
                        "Compliant refused", 13,
                        "Acceptable accepted", 2,
                        "Acceptable refused", 13,
                        "Ambiguous accepted", 6,
                        "Ambiguous refused", 52,
                        "Severe refused", 58));
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files =
                Files.list(Corpus.folder("http-desync-guardian").resolve("tests"))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Node> cases(Path file) throws IOException {
        Problems problems = new Problems();
        List<Node> documents = Documents.parse(new Source(file.toString(), Files.readString(file)), problems);
        assertThat(problems.list()).isEmpty();
        return ((Node.Sequence) documents.getFirst()).items();
    }

    /** With a Host, which the examples leave out. */
    private static String request(Node node) {
        StringBuilder text = new StringBuilder();
        String version = text(node, "version");
        text.append(text(node, "method")).append(' ').append(text(node, "uri"));
        text.append(version.isEmpty() ? "" : " ").append(version).append("\r\n");
        boolean host = false;
        for (Node header : at(node, "headers") instanceof Node.Sequence headers ? headers.items() : List.<Node>of()) {
            host |= text(header, "name").equalsIgnoreCase("host");
            text.append(text(header, "name"))
                    .append(':')
                    .append(text(header, "value"))
                    .append("\r\n");
        }
        return text.append(host ? "" : "Host: localhost\r\n").append("\r\n").toString();
    }

    /** Octets as the examples escape them, or the UTF-8 of what they write out. */
    private static byte[] bytes(String text) {
        return text.chars().allMatch(c -> c <= 0xff) ? Wire.bytes(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean accepted(Node node) {
        RequestHead head = new RequestHead(Limits.standard());
        ByteBuf in = Unpooled.wrappedBuffer(bytes(request(node)));
        try {
            assertThat(head.read(in)).as("a whole head").isTrue();
            CanonicalRequest.of(
                    head.array(),
                    0,
                    head.methodEnd(),
                    head.targetStart(),
                    head.targetEnd(),
                    head.valueStart(Field.HOST),
                    head.valueEnd(Field.HOST),
                    Relaxations.NONE);
            // The exchange's own refusals: no tunnels, no other request than the one judged.
            return !head.is("CONNECT")
                    && !head.is("TRACE")
                    && !head.has(Field.UPGRADE)
                    && head.overriding(_ -> true).isEmpty();
        } catch (RequestRejectedException refused) {
            return false;
        }
    }

    private static String text(Node node, String... path) {
        Node at = node;
        for (String key : path) {
            at = at(at, key);
        }
        return ((Node.Scalar) at).text();
    }

    private static Node at(Node node, String key) {
        return Objects.requireNonNull(((Node.Mapping) node).entries().get(key), key)
                .value();
    }
}
