package dev.sallyport.demo;

import java.util.List;

/** Writes one JSON object, member by member. A library would cost each of the shop's small processes its start. */
final class Json {
    private final StringBuilder out = new StringBuilder("{");

    Json text(String name, String value) {
        return raw(name, quoted(value));
    }

    Json texts(String name, List<String> values) {
        return raw(name, values.stream().map(Json::quoted).toList().toString());
    }

    Json flag(String name, boolean value) {
        return raw(name, Boolean.toString(value));
    }

    /** {@code value} is JSON already. */
    Json raw(String name, String value) {
        if (out.length() > 1) {
            out.append(',');
        }
        out.append(quoted(name)).append(':').append(value);
        return this;
    }

    @Override
    public String toString() {
        return out + "}";
    }

    /** RFC 8259 section 7. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20) {
                quoted.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
