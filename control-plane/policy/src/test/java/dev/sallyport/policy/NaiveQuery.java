package dev.sallyport.policy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A query as every form parser reads it; what some of them read differently is no query at all. */
final class NaiveQuery {
    private NaiveQuery() {}

    /** Of the parameter with exactly this raw name; empty when absent. */
    static Optional<String> value(String query, String name) throws NaiveRequest.Unreadable {
        if (query.contains(";")
                || query.contains("+")
                || query.replaceAll("%[0-9a-fA-F]{2}", "").contains("%")) {
            throw new NaiveRequest.Unreadable();
        }
        List<String> values = new ArrayList<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String key = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = decoded(equals < 0 ? "" : parameter.substring(equals + 1));
            if (key.contains("%")) {
                throw new NaiveRequest.Unreadable();
            }
            if (key.equals(name)) {
                values.add(value);
            } else if (loose(key).equals(loose(name))) {
                throw new NaiveRequest.Unreadable();
            }
        }
        if (values.size() > 1) {
            throw new NaiveRequest.Unreadable();
        }
        return values.stream().findFirst();
    }

    /** As the most liberal form parser names it. */
    private static String loose(String key) {
        return key.replaceFirst("\\[.*", "").replace('.', '_').toLowerCase(java.util.Locale.ROOT);
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
