package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.WordKey;
import dev.sallyport.authoring.impact.Replayed;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.UserFact;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A recorded decision of the called side as something that can be decided again; it remembers what it was asked for and does not have. */
final class ReplayedRecord implements Replayed {
    private final Recorded recorded;
    private final RecordedFacts facts;
    private final DocumentSet documents;
    /** Whether the key of the keyed words is here. */
    private final boolean key;

    private Optional<String> missing = Optional.empty();

    private ReplayedRecord(Recorded recorded, RecordedFacts facts, DocumentSet documents, boolean key) {
        this.recorded = recorded;
        this.facts = facts;
        this.documents = documents;
        this.key = key;
    }

    /** {@code documents}: those that shall decide, whose rules may name the user. */
    static ReplayedRecord of(Recorded recorded, DocumentSet documents) throws IOException {
        Path state = recorded.stateFolder().orElse(Path.of("."));
        return of(
                recorded,
                documents,
                new RecordedFacts(recorded, documents.mesh(), KeyedSubject.of(recorded, documents, state)),
                hasKey(recorded.text(AuditFields.USER_HASH).orElse(""), state));
    }

    /** {@code key}: whether the sidecar's key told who {@code facts} name. */
    static ReplayedRecord of(Recorded recorded, DocumentSet documents, RecordedFacts facts, boolean key) {
        return new ReplayedRecord(recorded, facts, documents, key);
    }

    @Override
    public String service() {
        return recorded.text(AuditFields.SERVICE).orElse("");
    }

    @Override
    public Instant time() {
        return recorded.time();
    }

    @Override
    public boolean allowed() {
        return recorded.text(AuditFields.RULE).isPresent()
                || recorded.text(AuditFields.OBSERVED).isPresent();
    }

    @Override
    public Optional<String> template() {
        return recorded.text(AuditFields.TEMPLATE);
    }

    @Override
    public boolean pathInTheClear() {
        return Arrays.stream(facts.path().split("/", -1))
                .noneMatch(segment -> WordKey.epochOf(segment).isPresent());
    }

    @Override
    public Set<String> recordedInputs() {
        return recorded.inputs();
    }

    @Override
    public Optional<String> missing() {
        return missing;
    }

    @Override
    public Optional<SpiffeId> caller() {
        return facts.caller();
    }

    @Override
    public String method() {
        return facts.method();
    }

    @Override
    public String host() {
        return facts.host();
    }

    @Override
    public String path() {
        return facts.path();
    }

    @Override
    public Optional<String> query() {
        return facts.query();
    }

    @Override
    public List<String> header(String name) {
        return facts.header(name);
    }

    /** A rule that looks at a user where none looked before asks for what nobody has verified. */
    @Override
    public UserFact user() {
        if (recorded.text(AuditFields.TOKEN_RESULT).isEmpty()) {
            missing = Optional.of("no rule looked at the token then");
        }
        return known(facts.user());
    }

    /** Beside a good token of the user's own every rule has looked; and where nobody vouches for a user, no hop token changes anything. */
    @Override
    public UserFact carriedUser() {
        boolean looked = recorded.text(AuditFields.USER_CARRIED).isPresent()
                || facts.user() instanceof UserFact.Verified
                || documents.mesh().issuers().values().stream()
                        .allMatch(issuer -> issuer.hopTokens().verifiedBy().isEmpty());
        if (!looked) {
            missing = missing.or(() -> Optional.of("no rule looked at a hop token then"));
        }
        return known(facts.carriedUser());
    }

    private UserFact known(UserFact fact) {
        if (fact instanceof UserFact.Unjudged) {
            missing = missing.or(() -> Optional.of("nobody looked at the token then, for its caller sent too many"));
        } else if (fact instanceof UserFact.Verified
                && WordKey.epochOf(facts.subject()).isPresent()) {
            missing = missing.or(this::subjectUnknown);
        }
        return fact;
    }

    /** Rules that name users can be judged with the sidecar's key, which lies beside its log; a condition may compare the name with anything. */
    private Optional<String> subjectUnknown() {
        if (rules().anyMatch(rule ->
                rule.when().filter(when -> when.source().contains("user.sub")).isPresent())) {
            return Optional.of("a condition reads user.sub, which is keyed");
        }
        boolean named = rules().anyMatch(rule -> rule.user() instanceof UserRequirement.Conditions conditions
                && conditions.subject().isPresent());
        return named && !key
                ? Optional.of("a rule names a user, users are keyed, and the key of this word's epoch is not here")
                : Optional.empty();
    }

    private static boolean hasKey(String word, Path folder) {
        try {
            return KeyedSubject.key(word, folder).isPresent();
        } catch (IOException unreadable) {
            return false;
        }
    }

    private Stream<RoutePolicy.Rule> rules() {
        return Optional.ofNullable(documents.policies().get(service())).stream()
                .flatMap(policy -> policy.routes().values().stream())
                .filter(route -> route.matches().stream().anyMatch(this::mayBeMeant))
                .flatMap(route -> route.allow().values().stream());
    }

    private boolean mayBeMeant(RoutePolicy.Match match) {
        Optional<PathTemplate> then = template().map(PathTemplate::parse);
        return then.isPresent()
                && match.template()
                        .filter(now -> now.overlap(then.get()) != PathTemplate.Overlap.NONE)
                        .isPresent();
    }

    @Override
    public Optional<OpaAnswer> opa(OpaQuery query) {
        return facts.opa(query);
    }
}
