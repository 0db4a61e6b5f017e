package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.User;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What the application may believe: everything that claims an identity is taken away, then what was proven is set. */
final class IdentityHeaders {
    private IdentityHeaders() {}

    /** Hop-by-hop is gone already, so that {@code Connection} can name nothing of what is set here. */
    static void rewrite(RequestHead head, Admitted admitted, String certificate) {
        head.dropIdentity();
        // A token that no rule verified would look verified to the application.
        if (!admitted.allow().forwardToken() || admitted.user().isEmpty() || head.count(Field.AUTHORIZATION) != 1) {
            head.drop(Field.AUTHORIZATION);
        }
        head.add(Field.X_FORWARDED_CLIENT_CERT.text(), certificate);
        admitted.user().ifPresent(user -> user(head, user));
    }

    private static void user(RequestHead head, User user) {
        head.add("x-sallyport-user", encoded(user.subject()));
        head.add("x-sallyport-issuer", encoded(user.issuer()));
        if (!user.roles().isEmpty()) {
            head.add(
                    "x-sallyport-roles",
                    user.roles().stream().map(IdentityHeaders::encoded).collect(Collectors.joining(",")));
        }
    }

    /** Visible ASCII for a header value out of a proven but free text (a subject, a role): everything else, {@code %} and {@code ,} are percent-encoded UTF-8. */
    static String encoded(String text) {
        if (plain(text)) {
            return text;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder value = new StringBuilder(utf8.length + 16);
        for (byte octet : utf8) {
            if (plain(octet)) {
                value.append((char) octet);
            } else {
                value.append('%')
                        .append(Character.toUpperCase(Character.forDigit((octet >> 4) & 0xf, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 0xf, 16)));
            }
        }
        return value.toString();
    }

    private static boolean plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!plain(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean plain(int c) {
        return c > 0x20 && c < 0x7f && c != '%' && c != ',';
    }
}
