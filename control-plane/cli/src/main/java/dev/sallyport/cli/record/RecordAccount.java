package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.CliException;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** The account of one recorded decision: its record, and the same evaluator asked again with the policy of that moment. */
final class RecordAccount {
    /** Reasons that the policy gives; what is refused before or fails after has its own words in the record. */
    private static final Set<Reason> OF_POLICY = EnumSet.of(
            Reason.ALLOWED,
            Reason.CALLER_UNKNOWN,
            Reason.CALLER_NOT_ALLOWED,
            Reason.ROLE_MISSING,
            Reason.SCOPE_MISSING,
            Reason.CLAIM_MISMATCH);

    private final Recorded recorded;
    private final List<String> notes;

    private RecordAccount(Recorded recorded, List<String> notes) {
        this.recorded = recorded;
        this.notes = new ArrayList<>(notes);
    }

    /** {@code notes}: what was said on the way to this record. */
    static Account of(Recorded recorded, List<String> notes) throws CliException, IOException {
        RecordAccount account = new RecordAccount(recorded, notes);
        Optional<Explanation> explanation = recorded.inbound() ? account.explanation() : Optional.empty();
        recorded.text(AuditFields.DETAIL).ifPresent(detail -> account.notes.add("on record: " + detail));
        return new Account(
                recorded.verdict(),
                (int) recorded.number(AuditFields.STATUS, 0),
                recorded.reason(),
                account.circumstances(),
                account.facts(),
                explanation,
                List.copyOf(account.notes));
    }

    private List<String> circumstances() {
        List<String> circumstances = new ArrayList<>(List.of(recorded.time().toString()));
        long revision = recorded.number(AuditFields.REVISION, -1);
        if (revision >= 0) {
            String digest = recorded.text(AuditFields.POLICY_DIGEST)
                    .map(RecordAccount::shortDigest)
                    .orElse("");
            circumstances.add("revision " + revision + (digest.isEmpty() ? "" : " (sha256:" + digest + ")"));
        }
        circumstances.add(recorded.text(AuditFields.SERVICE).orElse("?") + "/" + recorded.direction());
        return circumstances;
    }

    private SequencedMap<String, String> facts() {
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        recorded.text(AuditFields.METHOD).ifPresent(method -> {
            String path = recorded.text(AuditFields.PATH).orElse("(path not on record)");
            String route = recorded.text(AuditFields.ROUTE)
                    .map(name -> " → route " + name)
                    .orElse("");
            facts.put("request", method + " " + path + route);
        });
        recorded.text(AuditFields.TRACE_ID).ifPresent(trace -> facts.put("trace", trace));
        if (recorded.direction().equals("outbound")) {
            recorded.text(AuditFields.UPSTREAM_SERVICE)
                    .ifPresent(service -> facts.put(
                            "called",
                            service
                                    + recorded.text(AuditFields.UPSTREAM_ID)
                                            .map(id -> " " + id)
                                            .orElse("")
                                    + recorded.text(AuditFields.UPSTREAM_ADDRESS)
                                            .map(a -> " at " + a)
                                            .orElse("")));
        } else {
            facts.put("caller", caller());
        }
        if (recorded.inbound()) {
            facts.put("user", user());
        }
        recorded.text(AuditFields.RULE).ifPresent(rule -> facts.put("rule", rule));
        return facts;
    }

    private String caller() {
        StringBuilder caller = new StringBuilder(recorded.text(AuditFields.ACTOR_ID)
                .filter(id -> !id.equals("anonymous"))
                .orElse("nobody proven"));
        recorded.text(AuditFields.PEER_ADDRESS)
                .ifPresent(address -> caller.append("  from ").append(address));
        recorded.text(AuditFields.TLS_VERSION)
                .ifPresent(tls -> caller.append("  ").append(tls));
        recorded.text(AuditFields.PEER_SERIAL)
                .ifPresent(serial -> caller.append("  certificate ").append(serial));
        recorded.text(AuditFields.PEER_FINGERPRINT)
                .filter(_ -> recorded.text(AuditFields.PEER_SERIAL).isEmpty())
                .ifPresent(fingerprint -> caller.append("  certificate sha256:").append(shortDigest(fingerprint)));
        return caller.toString();
    }

    private String user() {
        String result = recorded.text(AuditFields.TOKEN_RESULT).orElse("");
        if (result.isEmpty()) {
            return "no rule looked at a token";
        }
        if (result.equals("absent")) {
            return "no token";
        }
        if (!result.equals("verified")) {
            return "a refused token: " + result;
        }
        Map<String, String> claims = recorded.claims();
        return recorded.text(AuditFields.USER_HASH).orElse("?") + " (issuer "
                + recorded.text(AuditFields.USER_ISSUER).orElse("?") + ") roles="
                + recorded.texts(AuditFields.USER_ROLES)
                + (recorded.texts(AuditFields.USER_SCOPES).isEmpty()
                        ? ""
                        : " scopes=" + recorded.texts(AuditFields.USER_SCOPES))
                + (claims.isEmpty() ? "" : " claims=" + claims);
    }

    private Optional<Explanation> explanation() throws CliException, IOException {
        Optional<String> digest = recorded.text(AuditFields.POLICY_DIGEST);
        Optional<Path> folder = recorded.stateFolder();
        if (digest.isEmpty() || folder.isEmpty()) {
            return Optional.empty();
        }
        PolicyArchive archive = new PolicyArchive(folder.get());
        Optional<PolicyArchive.Kept> judged = archive.judged(digest.get());
        if (judged.isEmpty()) {
            notes.add("the policy that judged, sha256:" + shortDigest(digest.get())
                    + ", is not kept any more (a sidecar keeps its last 20)");
            return Optional.empty();
        }
        if (recorded.text(AuditFields.PATH).isEmpty()) {
            unmatched(judged.get());
            return Optional.empty();
        }
        if (!ofPolicy()) {
            return Optional.empty();
        }
        Explanation explanation = again(judged.get(), folder.get());
        compare(explanation.decision());
        today(archive, digest.get(), folder.get());
        return Optional.of(explanation);
    }

    private boolean ofPolicy() {
        try {
            Reason reason = Reason.ofCode(recorded.reason());
            return OF_POLICY.contains(reason) || reason.isToken();
        } catch (IllegalArgumentException ofAConnectionOrLater) {
            return false;
        }
    }

    private Explanation again(PolicyArchive.Kept kept, Path folder) throws IOException {
        RecordedFacts facts = new RecordedFacts(
                recorded, kept.documents().mesh(), KeyedSubject.of(recorded, kept.documents(), folder));
        return PolicySet.compile(kept.documents(), kept.snapshot().service()).explain(facts, recorded.time());
    }

    /** A path that matched no template is never recorded: it may hold anything. */
    private void unmatched(PolicyArchive.Kept kept) {
        if (!recorded.reason().equals(Reason.NO_ROUTE.code())) {
            return;
        }
        String method = recorded.text(AuditFields.METHOD).orElse("");
        List<String> covered = Optional.ofNullable(
                        kept.documents().policies().get(kept.snapshot().service()))
                .map(policy -> policy.routes().values().stream()
                        .flatMap(route -> route.matches().stream())
                        .map(RoutePolicy.Match::toString)
                        .filter(match -> match.startsWith(method + " "))
                        .map(match -> match.substring(method.length() + 1))
                        .sorted()
                        .toList())
                .orElse(List.of());
        notes.add("no route of " + kept.snapshot().service()
                + " covers it, and what no template matches is not recorded raw");
        notes.add(
                covered.isEmpty()
                        ? kept.snapshot().service() + " covers nothing with " + method
                        : "with " + method + " it covers " + String.join(", ", covered));
    }

    /** The record is the truth; the evaluator only says why. When they differ the record lacks something that was looked at. */
    private void compare(Decision decision) {
        boolean same = decision.reason().code().equals(recorded.reason());
        if (!same) {
            notes.add("judged again out of the record the answer is "
                    + decision.reason().code()
                    + ": the record does not hold everything that was looked at; what is recorded counts");
        }
    }

    private void today(PolicyArchive archive, String digest, Path folder) throws CliException, IOException {
        Optional<PolicyArchive.Kept> now = archive.inForce();
        if (now.isEmpty() || now.get().snapshot().policy().digest().equals(digest)) {
            return;
        }
        Decision decision = again(now.get(), folder).decision();
        String answer = switch (decision) {
            case Decision.Allow allow ->
                "allow this by " + allow.rule().map(rule -> "rule " + rule).orElse("mode: observe");
            case Decision.Ask ask -> "ask OPA, for rule " + ask.rule();
            case Decision.Deny deny -> "deny this as " + deny.reason().code();
        };
        notes.add("the policy in force now is another, revision "
                + now.get().snapshot().revision() + " (sha256:"
                + shortDigest(now.get().snapshot().policy().digest()) + "): it would " + answer);
    }

    private static String shortDigest(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }
}
