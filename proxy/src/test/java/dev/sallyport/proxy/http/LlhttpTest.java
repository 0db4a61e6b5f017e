package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The examples of llhttp, the parser of Node.js: read as the same messages, refused where it refuses, or named in {@code llhttp-exceptions.txt} with the reason. What it reads only with checks switched off is refused.
 */
class LlhttpTest {
    private enum Outcome {
        SAME_MESSAGES,
        BOTH_REFUSE,
        REFUSED_IN_LENIENT_EXAMPLES,
        WE_READ_WHAT_IT_REFUSES,
        WE_REFUSE_WHAT_IT_READS,
        WE_WAIT_WHERE_IT_REFUSES,
        OTHER_MESSAGES
    }

    @Test
    void everyExampleIsAccountedFor() throws IOException {
        Map<Outcome, Integer> counts = new TreeMap<>();
        List<String> exceptions = new ArrayList<>();
        for (String side : List.of("request", "response")) {
            for (Path file : files(Corpus.folder("llhttp").resolve("test/" + side))) {
                for (LlhttpCase example : LlhttpCase.of(file)) {
                    Outcome outcome = outcome(example);
                    counts.merge(outcome, 1, Integer::sum);
                    if (outcome.compareTo(Outcome.REFUSED_IN_LENIENT_EXAMPLES) > 0) {
                        exceptions.add(outcome + " " + side + "/" + example.name());
                    }
                }
            }
        }
        System.out.println("LlhttpTest: " + counts);
        assertThat(exceptions).containsExactlyInAnyOrderElementsOf(Corpus.exceptions("llhttp-exceptions.txt"));
        assertThat(counts)
                .isEqualTo(Map.of(
                        Outcome.SAME_MESSAGES, 108,
                        Outcome.BOTH_REFUSE, 71,
                        Outcome.REFUSED_IN_LENIENT_EXAMPLES, 33,
                        Outcome.WE_READ_WHAT_IT_REFUSES, 4,
                        Outcome.WE_REFUSE_WHAT_IT_READS, 27,
                        Outcome.WE_WAIT_WHERE_IT_REFUSES, 4,
                        Outcome.OTHER_MESSAGES, 4));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static Outcome outcome(LlhttpCase example) {
        Relay<?> relay = example.request() ? Relay.ofRequests(false) : Relay.ofResponses(false);
        Reading ours = relay.read(Wire.bytes(example.input()));
        boolean weRefuse = !ours.refused().isEmpty();
        if (example.lenient() && weRefuse) {
            return Outcome.REFUSED_IN_LENIENT_EXAMPLES;
        }
        if (example.refused()) {
            boolean weWait =
                    ours.messages().isEmpty() || !ours.messages().getLast().complete();
            return weRefuse
                    ? Outcome.BOTH_REFUSE
                    : weWait ? Outcome.WE_WAIT_WHERE_IT_REFUSES : Outcome.WE_READ_WHAT_IT_REFUSES;
        }
        if (weRefuse) {
            return Outcome.WE_REFUSE_WHAT_IT_READS;
        }
        return same(example.messages(), ours.messages()) ? Outcome.SAME_MESSAGES : Outcome.OTHER_MESSAGES;
    }

    private static boolean same(List<Reading.Message> theirs, List<Reading.Message> ours) {
        boolean same = theirs.size() == ours.size();
        for (int i = 0; same && i < ours.size(); i++) {
            Reading.Message one = theirs.get(i);
            Reading.Message other = ours.get(i);
            same = one.line().equals(other.line())
                    && one.fields().equals(other.fields())
                    && one.payload().equals(other.payload())
                    && (one.complete() == other.complete() || untilClose(other));
        }
        return same;
    }

    /** Its end is the connection's, which the examples leave open. */
    private static boolean untilClose(Reading.Message message) {
        return message.line().startsWith("HTTP/")
                && message.fields().stream()
                        .noneMatch(field -> field.matches("(?i)(content-length|transfer-encoding):.*"));
    }
}
