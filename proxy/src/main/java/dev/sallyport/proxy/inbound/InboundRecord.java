package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.RuleRef;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.exchange.Pseudonyms;
import dev.sallyport.proxy.token.TokenVerifier;
import java.util.TreeMap;

/** What a decision leaves on record: enough to replay it, no token, no subject in the clear, no path value in the clear. */
final class InboundRecord {
    private InboundRecord() {}

    static void decided(Exchange exchange, CanonicalRequest request, Decision decision, HeadFacts facts) {
        AuditRecord record = exchange.record();
        Pseudonyms pseudonyms = exchange.worker().pseudonyms();
        decision.route().ifPresent(matched -> {
            record.route = matched.name();
            matched.match().template().ifPresent(template -> {
                record.template = template.toString();
                record.path = template.masked(request.path(), (name, value) -> pseudonyms.of(value));
            });
        });
        facts.looked().ifPresent(result -> token(record, result, pseudonyms));
        if (decision instanceof Decision.Allow allow) {
            record.rule = allow.rule().map(RuleRef::toString).orElse(null);
        }
    }

    private static void token(AuditRecord record, TokenVerifier.Result result, Pseudonyms pseudonyms) {
        record.tokenKeyId = result.keyId().orElse(null);
        switch (result.fact()) {
            case UserFact.Absent absent -> record.tokenResult = "absent";
            case UserFact.Bad bad -> record.tokenResult = bad.reason().code();
            case UserFact.Verified(User user) -> {
                record.tokenResult = "verified";
                record.userIssuer = user.issuer();
                record.userHash = pseudonyms.ofSubject(user.issuer(), user.subject());
                record.userRoles = user.roles();
                record.userScopes = user.scopes();
                TreeMap<String, String> claims = new TreeMap<>();
                user.claims().forEach((name, value) -> claims.put(name, value.toString()));
                record.userClaims = claims.isEmpty() ? null : claims;
            }
        }
    }
}
