package dev.sallyport.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes to a tree of {@code Map}, {@code List}, {@code String}, {@code Long} and {@code Boolean}. Strict: UTF-8 only, one object, nothing after it, no
 * repeated field, whole numbers only, no {@code null}, no lone surrogate, bounded depth and sizes (RFC 8259 section 4 leaves repeated names open, and two readers would differ).
 */
final class JsonTree {
    /** Four levels are the deepest of ours; an issuer's JWKS has three. */
    private static final int DEPTH_MAX = 16;

    private static final int NAME_CHARS_MAX = 1024;

    /** A {@code long} has 19 digits and a sign. */
    private static final int NUMBER_CHARS_MAX = 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNameLength(NAME_CHARS_MAX)
                    .maxNumberLength(NUMBER_CHARS_MAX)
                    .maxStringLength(Frames.MAX_BYTES)
                    .build())
            .build();

    private JsonTree() {}

    /** {@code what} names the message in errors. */
    static Map<String, Object> read(String what, byte[] json, int bytesMax) throws InvalidMessageException {
        if (json.length > bytesMax) {
            throw new InvalidMessageException(
                    what + ": " + json.length + " bytes (expected: at most " + bytesMax + ")");
        }
        try (JsonParser in = FACTORY.createParser(utf8(what, json))) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidMessageException(what + ": not a JSON object");
            }
            Map<String, Object> object = object(what, in);
            if (in.nextToken() != null) {
                throw new InvalidMessageException(what + ": bytes after its end");
            }
            return object;
        } catch (JsonProcessingException e) {
            // Not the parser's message: it quotes the input, which may hold a token.
            String problem = e.getOriginalMessage().startsWith("Duplicate") ? "repeated field" : "not strict JSON";
            throw e.getProcessor() instanceof JsonParser in
                    ? invalid(what, in, problem)
                    : new InvalidMessageException(what + ": " + problem);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    private static String utf8(String what, byte[] json) throws InvalidMessageException {
        try {
            // Jackson would guess the encoding from the first bytes, and let overlong forms pass.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidMessageException(what + ": not UTF-8");
        }
    }

    private static Map<String, Object> object(String what, JsonParser in) throws IOException, InvalidMessageException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = unicode(what, in, in.currentName());
            in.nextToken();
            members.put(name, value(what, in));
        }
        return members;
    }

    private static Object value(String what, JsonParser in) throws IOException, InvalidMessageException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(what, in);
            case START_ARRAY -> array(what, in);
            case VALUE_STRING -> unicode(what, in, in.getText());
            case VALUE_NUMBER_INT -> number(what, in);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw invalid(what, in, "null or a fraction, which no message has");
        };
    }

    private static List<Object> array(String what, JsonParser in) throws IOException, InvalidMessageException {
        List<Object> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(what, in));
        }
        return items;
    }

    private static Long number(String what, JsonParser in) throws IOException, InvalidMessageException {
        if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw invalid(what, in, "a number beyond 64 bits");
        }
        return in.getLongValue();
    }

    /** An escaped lone surrogate would become a question mark in UTF-8: two texts for one. */
    private static String unicode(String what, JsonParser in, String text) throws InvalidMessageException {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid(what, in, "not Unicode text");
        }
        return text;
    }

    private static InvalidMessageException invalid(String what, JsonParser in, String problem) {
        return new InvalidMessageException(what + path(in.getParsingContext()) + ": " + problem);
    }

    /** {@code .trust.bundles[0]}, empty at the top. */
    private static String path(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        if (parent == null) {
            return "";
        }
        if (context.inArray()) {
            return path(parent) + "[" + Math.max(0, context.getCurrentIndex()) + "]";
        }
        String name = context.getCurrentName();
        return path(parent) + (name == null ? "" : "." + shown(name));
    }

    /** A name for an error message: it may be as long as the sender likes, and move a terminal's cursor. */
    static String shown(String name) {
        return name.length() <= 64 && name.chars().allMatch(c -> c > 0x20 && c < 0x7f)
                ? name
                : "(a name of " + name.length() + " characters)";
    }
}
