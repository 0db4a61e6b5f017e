package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.WordKey;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The record holds a keyed word for a user ({@link WordKey}). A rule that names a subject can be judged again by whoever may read the sidecar's keys, as long as that of the word's epoch is there: the words of the
 * named subjects are computed and compared; nobody else's can be found.
 */
final class KeyedSubject {
    private KeyedSubject() {}

    /** The subject that a rule of {@code documents} names and the record means, else the record's word. */
    static String of(Recorded recorded, DocumentSet documents, Path stateFolder) throws IOException {
        String word = recorded.text(AuditFields.USER_HASH).orElse("");
        Optional<WordKey> key = key(word, stateFolder);
        if (key.isEmpty()) {
            return word;
        }
        String issuer = recorded.text(AuditFields.USER_ISSUER).orElse("");
        return named(documents, issuer)
                .filter(subject -> word.equals(key.get().word(WordKey.subject(issuer, subject))))
                .findFirst()
                .orElse(word);
    }

    /** Of the epoch of {@code word}; empty where it was destroyed or is not in this folder. */
    static Optional<WordKey> key(String word, Path stateFolder) throws IOException {
        return new WordKeys(stateFolder, Clock.systemUTC()).keyOf(word);
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
}
