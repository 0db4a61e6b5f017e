package dev.sallyport.server.copies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** Reads what sinks answer. */
final class Answers {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Answers() {}

    /** IOException: the body is no JSON object, so that whoever answered is not who was meant. */
    static JsonNode object(byte[] body) throws IOException {
        try {
            JsonNode node = JSON.readTree(body);
            if (node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            // Falls through: the parser's message would quote the body.
        }
        throw new IOException("the answer is no JSON object" + WebSink.said(body) + " (is this the right address?)");
    }
}
