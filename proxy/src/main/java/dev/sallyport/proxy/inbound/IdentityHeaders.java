package dev.sallyport.proxy.inbound;

import dev.sallyport.contract.HopToken;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** What the application may believe: everything that claims an identity is taken away, then what was proven is set. */
final class IdentityHeaders {
    private IdentityHeaders() {}

    /** Hop-by-hop is gone already, so that {@code Connection} can name nothing of what is set here. */
    static void rewrite(RequestHead head, Admitted admitted, Caller caller, CompiledSnapshot snapshot) {
        head.dropIdentity();
        // A token that no rule verified would look verified to the application.
        if (admitted.allow().forwarding() != Decision.Forwarding.UNVERIFIED) {
            dropCredentials(head, admitted, snapshot);
        }
        head.add(Field.X_FORWARDED_CLIENT_CERT.text(), caller.certificate(snapshot));
        if (admitted.user().isPresent()) {
            caller.told(admitted.user().get()).add(head);
        }
    }

    /** All but the one that was verified, where the rule lets the application have it. */
    private static void dropCredentials(RequestHead head, Admitted admitted, CompiledSnapshot snapshot) {
        // A hop token's user has no token of its own here: whatever stands there is somebody else's.
        boolean goesOn = admitted.allow().forwarding() == Decision.Forwarding.VERIFIED
                && admitted.user().isPresent()
                && admitted.user().get().carriedBy().isEmpty();
        String place = goesOn ? snapshot.tokenHeader(admitted.user().get().issuer()) : "";
        if (!goesOn || !place.isEmpty()) {
            head.drop(Field.AUTHORIZATION);
        }
        List<String> headers = snapshot.issuers().headers();
        for (int i = 0; i < headers.size(); i++) { // no iterator: one for each request would be garbage
            if (!headers.get(i).equals(place)) {
                head.drop(headers.get(i));
            }
        }
    }

    /** What the application is told of a user, in visible ASCII; made once for a user who comes again. {@code roles} is empty where the user has none, {@code via} where the user's own token came. */
    record OfUser(User user, String subject, String issuer, String roles, String via) {
        static OfUser of(User user) {
            return new OfUser(
                    user,
                    encoded(user.subject()),
                    encoded(user.issuer()),
                    user.roles().stream().map(IdentityHeaders::encoded).collect(Collectors.joining(",")),
                    String.join(",", user.carriedBy()));
        }

        private void add(RequestHead head) {
            head.add("x-sallyport-user", subject);
            head.add("x-sallyport-issuer", issuer);
            if (!roles.isEmpty()) {
                head.add("x-sallyport-roles", roles);
            }
            if (!via.isEmpty()) {
                head.add(HopToken.VIA_FIELD, via);
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
