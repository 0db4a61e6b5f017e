package dev.sallyport.proxy.opa;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Limits;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.OpaAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A response of OPA's Data API as exactly one reading allows. Beside {@code result} only the {@code decision_id} is tolerated that OPA adds when it logs decisions. Details name what
 * is wrong and never quote: an answer may hold what a policy knows of people.
 */
record Answer(OpaAnswer value, String detail) {
    /** The longest body that is read; {@code {"result":true}} is 15. */
    static final int BYTES_MAX = 64 * 1024;

    private static final Limits LIMITS = new Limits(BYTES_MAX, 64, 4);

    static Answer error(String detail) {
        return new Answer(OpaAnswer.ERROR, detail);
    }

    /** The detail for people: an error names the OPA. */
    String line(String opa) {
        return value == OpaAnswer.ERROR
                ? "OPA " + opa + ": " + detail.lines().findFirst().orElse("")
                : detail;
    }

    /** {@code contentTypes}: every Content-Type of the response; {@code body}: all of it. */
    static Answer of(int status, List<String> contentTypes, byte[] body) {
        if (status != 200) {
            return error("status " + status + " (expected: 200)");
        }
        if (contentTypes.size() != 1 || !json(contentTypes.getFirst())) {
            return error("another content type (expected: application/json)");
        }
        return object(body).map(Answer::of).orElseGet(() -> error("no strict JSON (expected: one object)"));
    }

    private static boolean json(String contentType) {
        int parameters = contentType.indexOf(';');
        String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
        return type.strip().equalsIgnoreCase("application/json");
    }

    private static Answer of(Node.Mapping object) {
        Answer answer = new Answer(OpaAnswer.FALSE, "undefined");
        for (Map.Entry<String, Node.Entry> entry : object.entries().entrySet()) {
            Node value = entry.getValue().value();
            switch (entry.getKey()) {
                case "result" -> answer = result(value);
                case "decision_id" -> {
                    if (!(value instanceof Node.Scalar id) || id.plain()) {
                        return error("decision_id (expected: a text)");
                    }
                }
                default -> {
                    return error("more in it than result and decision_id");
                }
            }
        }
        return answer;
    }

    /** {@code "true"} and {@code 1} are true to many languages; here they are errors. */
    private static Answer result(Node value) {
        if (value instanceof Node.Scalar(var _, String text, boolean plain) && plain) {
            if (text.equals("true")) {
                return new Answer(OpaAnswer.TRUE, text);
            }
            if (text.equals("false")) {
                return new Answer(OpaAnswer.FALSE, text);
            }
        }
        return error("result of another type (expected: true or false)");
    }

    private static Optional<Node.Mapping> object(byte[] body) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        Problems problems = new Problems();
        List<Node> values = Documents.parse(new Source("answer.json", text), LIMITS, problems);
        return problems.isEmpty() && values.size() == 1 && values.getFirst() instanceof Node.Mapping object
                ? Optional.of(object)
                : Optional.empty();
    }
}
