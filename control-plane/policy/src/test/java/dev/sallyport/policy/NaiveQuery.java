package dev.sallyport.policy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A query as every form parser reads it; what some of them read differently is no query at all. */
final class NaiveQuery {
    private NaiveQuery() {}

    static Optional<String> value(String query, String name) throws NaiveRequest.Unreadable {
        if (query.contains(";")
                || query.contains("+")
                || query.replaceAll("%[0-9a-fA-F]{2}", "").contains("%")) {
            throw new NaiveRequest.Unreadable();
        }
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String key = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : parameter.substring(equals + 1);
            if (key.contains("%") || parameters.put(key, value) != null) {
                throw new NaiveRequest.Unreadable();
            }
        }
        return parameters.containsKey(name)
                ? Optional.of(decoded(parameters.getOrDefault(name, "")))
                : Optional.empty();
    }

    /** UTF-8, strictly. */
    private static String decoded(String value) throws NaiveRequest.Unreadable {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets(value)))
                    .toString();
        } catch (CharacterCodingException invalid) {
            throw new NaiveRequest.Unreadable();
        }
    }

    /** Of a text whose percent-encodings are well formed. */
    static byte[] octets(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            boolean encoded = text.charAt(i) == '%';
            octets.write(encoded ? Integer.parseInt(text.substring(i + 1, i + 3), 16) : text.charAt(i));
            i += encoded ? 2 : 0;
        }
        return octets.toByteArray();
    }
}
