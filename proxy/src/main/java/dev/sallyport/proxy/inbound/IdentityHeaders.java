package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.User;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What the application may believe: everything that claims an identity is taken away, then what was proven is set. */
final class IdentityHeaders {
    private IdentityHeaders() {}

    /** Hop-by-hop is gone already, so that {@code Connection} can name nothing of what is set here. */
    static void rewrite(RequestHead head, Admitted admitted, Caller caller, CompiledSnapshot snapshot) {
        head.dropIdentity();
        // A token that no rule verified would look verified to the application.
        boolean goesOn = switch (admitted.allow().forwarding()) {
            case NOTHING -> false;
            case VERIFIED -> admitted.user().isPresent() && head.count(Field.AUTHORIZATION) == 1;
            case UNVERIFIED -> true;
        };
        if (!goesOn) {
            head.drop(Field.AUTHORIZATION);
        }
        head.add(Field.X_FORWARDED_CLIENT_CERT.text(), caller.certificate(snapshot));
        if (admitted.user().isPresent()) {
            caller.told(admitted.user().get()).add(head);
        }
    }

    /** What the application is told of a user, in visible ASCII; made once for a user who comes again. {@code roles} is empty where the user has none. */
    record OfUser(User user, String subject, String issuer, String roles) {
        static OfUser of(User user) {
            return new OfUser(
                    user,
                    encoded(user.subject()),
                    encoded(user.issuer()),
                    user.roles().stream().map(IdentityHeaders::encoded).collect(Collectors.joining(",")));
        }

        private void add(RequestHead head) {
            head.add("x-sallyport-user", subject);
            head.add("x-sallyport-issuer", issuer);
            if (!roles.isEmpty()) {
                head.add("x-sallyport-roles", roles);
            }
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
