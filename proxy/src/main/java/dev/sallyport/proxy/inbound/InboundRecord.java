package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Decision.MatchedRoute;
import dev.sallyport.policy.Inputs;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RuleRef;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.exchange.Pseudonyms;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.token.TokenResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a decision leaves on record: enough to replay it, as far as the policy lets values stand in the clear; no token, and a subject only where the operator chose so. */
final class InboundRecord {
    /** Whoever reads the log could be the user. */
    private static final Set<String> CREDENTIALS = Set.of(
            "header.authorization",
            "header.proxy-authorization",
            "header.cookie",
            "header.set-cookie",
            "header.txn-token",
            "header.tracestate");

    private final AuditRecord record;
    private final HeadFacts facts;
    private final Pseudonyms pseudonyms;

    private InboundRecord(AuditRecord record, HeadFacts facts, Pseudonyms pseudonyms) {
        this.record = record;
        this.facts = facts;
        this.pseudonyms = pseudonyms;
    }

    /** After each decision; one that asks is followed by another. */
    static void decided(Call call, Decision decision) {
        Worker worker = call.exchange().worker();
        decided(call.record(), call.facts(), worker.pseudonyms(), decision);
    }

    static void decided(AuditRecord record, HeadFacts facts, Pseudonyms pseudonyms, Decision decision) {
        InboundRecord filled = new InboundRecord(record, facts, pseudonyms);
        if (decision.route().isPresent()) {
            filled.route(decision.route().get());
        }
        filled.users(facts.own(), facts.carried());
        filled.answers();
        if (decision instanceof Decision.Allow allow) {
            filled.allowed(allow);
        }
    }

    private void allowed(Decision.Allow allow) {
        record.verdict = Verdict.ALLOW;
        record.reason = Reason.ALLOWED.code();
        record.rule = allow.rule().isPresent() ? allow.rule().get().toString() : null;
        allow.observed().ifPresent(denial -> {
            record.observed = denial.reason().code();
            record.nearestRule = denial.nearest().map(RuleRef::toString).orElse(null);
        });
    }

    private void route(MatchedRoute matched) {
        record.route = matched.name();
        SortedMap<String, Recording> inputs = matched.inputs().fields();
        Optional<PathTemplate> template = matched.match().template();
        if (template.isPresent()) {
            record.template = template.get().toString();
            StringBuilder masked = pseudonyms.text();
            template.get().mask(facts.path(), (name, value) -> shown(inputs, name, value), masked);
            record.path = masked.toString();
        }
        if (inputs.isEmpty()) {
            return;
        }
        SortedMap<String, List<String>> clear = new TreeMap<>();
        SortedMap<String, List<String>> keyed = new TreeMap<>();
        List<String> redacted = new ArrayList<>();
        if (template.isEmpty()) {
            redacted.add(AuditFields.PATH);
        }
        inputs.forEach((name, recording) -> {
            if (recording == Recording.NO || CREDENTIALS.contains(name)) {
                redacted.add(name);
            } else if (!name.startsWith(Inputs.PATH)) {
                if (recording == Recording.CLEAR) {
                    clear.put(name, values(name));
                } else {
                    keyed.put(name, values(name).stream().map(pseudonyms::of).toList());
                }
            }
        });
        record.redacted = redacted.isEmpty() ? null : redacted;
        record.inputs = clear.isEmpty() ? null : clear;
        record.keyedInputs = keyed.isEmpty() ? null : keyed;
    }

    private String shown(SortedMap<String, Recording> inputs, String variable, String value) {
        Recording recording =
                inputs.isEmpty() ? Recording.KEYED : inputs.getOrDefault(Inputs.PATH + variable, Recording.KEYED);
        return switch (recording) {
            case CLEAR -> value;
            case KEYED -> pseudonyms.of(value);
            case NO -> "-"; // a segment, so that the template still matches
        };
    }

    private List<String> values(String input) {
        return input.startsWith(Inputs.HEADER)
                ? facts.header(input.substring(Inputs.HEADER.length()))
                : facts.parameter(input.substring(Inputs.QUERY.length()));
    }

    private void answers() {
        if (facts.answers().isEmpty()) {
            return;
        }
        TreeMap<String, String> words = new TreeMap<>();
        facts.answers().forEach((query, answer) -> {
            String word = answer.answer().name().toLowerCase(Locale.ROOT);
            words.put(query.target() + "/" + query.path(), word);
            record.opaDetail = answer.detail().equals(word) ? null : answer.detail();
        });
        record.opa = words;
    }

    /** What each kind of token came to, as far as a rule looked, and whom they prove: the user's own token first; beside it the hop token only says whether it proves another one. */
    private void users(@Nullable TokenResult own, @Nullable TokenResult carried) {
        if (own != null) {
            record.tokenKeyId = own.keyId().orElse(null);
            record.tokenResult = word(own.fact());
            record.tokenIdHash =
                    own.tokenId().isPresent() ? pseudonyms.of(own.tokenId().get()) : null;
        }
        boolean proven = own != null && own.fact() instanceof UserFact.Verified;
        if (carried != null && !(proven && carried.fact() instanceof UserFact.Absent)) {
            record.userCarried = word(carried.fact());
        }
        if (carried != null && carried.fact() instanceof UserFact.Verified(User user)) {
            record.userVia = user.carriedBy();
            if (own != null && own.fact() instanceof UserFact.Verified(User first) && !first.isSameAs(user)) {
                record.userCarried = "other_user";
            } else if (!proven) {
                user(user);
            }
        }
        if (own != null && own.fact() instanceof UserFact.Verified(User user)) {
            user(user);
        }
    }

    private static String word(UserFact fact) {
        return switch (fact) {
            case UserFact.Absent absent -> "absent";
            case UserFact.Bad bad -> bad.reason().code();
            case UserFact.Unjudged unjudged -> "unjudged";
            case UserFact.Verified verified -> "verified";
        };
    }

    private void user(User user) {
        record.tokenIssuedAt = user.issuedAt().equals(Instant.EPOCH) ? null : user.issuedAt();
        record.tokenExpiresAt = user.expiresAt();
        record.userIssuer = user.issuer();
        record.userHash = pseudonyms.ofSubject(user.issuer(), user.subject());
        record.userRoles = user.roles();
        record.userScopes = user.scopes();
        if (!user.claims().isEmpty()) {
            TreeMap<String, String> claims = new TreeMap<>();
            user.claims().forEach((name, value) -> claims.put(name, value.toString()));
            record.userClaims = claims;
        }
    }
}
