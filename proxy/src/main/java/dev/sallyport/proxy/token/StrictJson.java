package dev.sallyport.proxy.token;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** JSON of a token as exactly one reading allows: one object, no repeated name, bounded depth, nothing after it. Numbers that are no Long become {@link NotInteger}. */
final class StrictJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNumberLength(40)
                    .maxStringLength(16 * 1024)
                    .maxNameLength(512)
                    .build())
            .build();

    private StrictJson() {}

    /** A number that a NumericDate or an integer claim cannot be. */
    enum NotInteger {
        INSTANCE
    }

    /** JSON null, which no claim of ours accepts. */
    enum Null {
        INSTANCE
    }

    /** Values: String, Long, {@link NotInteger}, Boolean, {@link Null}, List, Map. */
    static Map<String, Object> object(byte[] utf8) throws IOException {
        if (utf8.length == 0 || utf8[0] != '{') { // No byte order mark, no other encoding than UTF-8, no leading blank.
            throw new IOException("not an object");
        }
        try (JsonParser parser = FACTORY.createParser(new String(utf8, java.nio.charset.StandardCharsets.UTF_8))) {
            parser.nextToken();
            Map<String, Object> object = fields(parser);
            if (parser.nextToken() != null) {
                throw new IOException("something after the object");
            }
            return object;
        }
    }

    private static Map<String, Object> fields(JsonParser parser) throws IOException {
        Map<String, Object> fields = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            fields.put(wellFormed(name), value(parser));
        }
        return fields;
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_STRING -> wellFormed(parser.getText());
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? NotInteger.INSTANCE
                        : (Object) parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> NotInteger.INSTANCE;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Null.INSTANCE;
            default -> throw new IOException("unexpected " + parser.currentToken());
        };
    }

    /** No lone surrogate and no replacement character: bytes that were not UTF-8 would otherwise compare equal to each other. */
    private static String wellFormed(String text) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (c == '\ufffd' || (Character.isSurrogate(c) && !pair)) {
                throw new IOException("text that is no Unicode");
            }
            i += pair ? 1 : 0;
        }
        return text;
    }
}
