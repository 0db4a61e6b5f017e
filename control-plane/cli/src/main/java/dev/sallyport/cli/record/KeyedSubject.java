package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The record holds a keyed word for a user ({@code k-} and 16 hex digits of an HMAC-SHA256 over issuer, line feed, subject). A rule that names a subject can be judged again by
 * whoever may read the sidecar's key: the words of the named subjects are computed and compared; nobody else's can be found.
 */
final class KeyedSubject {
    private KeyedSubject() {}

    /** The subject that a rule of {@code documents} names and the record means, else the record's word. */
    static String of(Recorded recorded, DocumentSet documents, Path stateFolder) throws IOException {
        String word = recorded.text(AuditFields.USER_HASH).orElse("");
        Path keyFile = stateFolder.resolve("audit-key");
        if (!word.startsWith("k-") || !Files.isReadable(keyFile)) {
            return word;
        }
        String issuer = recorded.text(AuditFields.USER_ISSUER).orElse("");
        byte[] key = key(Files.readString(keyFile, StandardCharsets.US_ASCII).strip());
        return named(documents, issuer)
                .filter(subject -> word.equals(word(key, issuer, subject)))
                .findFirst()
                .orElse(word);
    }

    private static Stream<String> named(DocumentSet documents, String issuer) {
        return documents.policies().values().stream()
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.allow().values().stream())
                .map(RoutePolicy.Rule::user)
                .flatMap(user -> user instanceof Conditions conditions
                                && conditions.issuer().equals(issuer)
                        ? conditions.subject().stream()
                        : Stream.empty());
    }

    private static byte[] key(String hex) throws IOException {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new IOException("audit-key: not hex (expected: the file as the sidecar wrote it)");
        }
    }

    private static String word(byte[] key, String issuer, String subject) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] hash = mac.doFinal((issuer + "\n" + subject).getBytes(StandardCharsets.UTF_8));
            return "k-" + HexFormat.of().formatHex(hash, 0, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
