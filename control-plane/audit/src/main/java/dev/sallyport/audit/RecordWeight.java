package dev.sallyport.audit;

import java.util.List;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The heap that a record keeps while it waits, on the safe side: two bytes a character, though nearly all texts are kept with one and many belong to a connection or a policy; objects
 * by a flat rate. One thread.
 */
final class RecordWeight {
    /** A record that weighs more is encoded at once: what waits then is what will be written, cut to its bounds, and not all that a stranger sent. */
    static final int MAX = 8 * 1024;

    /** The record itself, its id and its times. */
    private static final int RECORD = 512;

    /** Of a list or a map. */
    private static final int ITEM = 32;

    private final BiConsumer<String, String> textMember = this::textMember;
    private final BiConsumer<String, List<String>> textsMember = this::textsMember;
    private long weight;

    /** In bytes; of a record with long lists perhaps less, but above {@link #MAX}. */
    int of(AuditRecord r) {
        weight = RECORD;
        peer(r);
        request(r);
        decision(r);
        user(r);
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    private void peer(AuditRecord r) {
        text(r.service);
        text(r.peerAddress);
        text(r.callerId);
        text(r.peerSerial);
        text(r.peerFingerprint);
        text(r.peerIssuer);
        text(r.peerNotAfter);
        text(r.tlsVersion);
        text(r.tlsCipher);
        text(r.tlsCurve);
        text(r.upstreamId);
        text(r.upstreamAddress);
        text(r.upstreamService);
        text(r.upstreamSerial);
        text(r.upstreamFingerprint);
        texts(r.attempts);
    }

    private void request(AuditRecord r) {
        text(r.method);
        text(r.authority);
        text(r.route);
        text(r.template);
        text(r.path);
        text(r.protocolVersion);
        texts(r.redacted);
        text(r.level);
        text(r.policyDigest);
        text(r.traceId);
    }

    private void decision(AuditRecord r) {
        text(r.reason);
        text(r.rule);
        text(r.nearestRule);
        text(r.guardrail);
        text(r.observed);
        text(r.candidateDecision);
        text(r.candidateReason);
        text(r.candidateRule);
        text(r.limit);
        text(r.opaDetail);
        text(r.detail);
        map(r.opa, textMember);
        map(r.inputs, textsMember);
        map(r.keyedInputs, textsMember);
    }

    private void user(AuditRecord r) {
        text(r.tokenResult);
        text(r.tokenKeyId);
        text(r.tokenIdHash);
        text(r.userCarried);
        texts(r.userVia);
        text(r.userIssuer);
        text(r.userHash);
        texts(r.userRoles);
        texts(r.userScopes);
        map(r.userClaims, textMember);
    }

    private <V> void map(@Nullable SortedMap<String, V> values, BiConsumer<String, V> member) {
        if (values != null) {
            values.forEach(member);
        }
    }

    private void textMember(String name, String value) {
        item(name);
        item(value);
    }

    private void textsMember(String name, List<String> values) {
        item(name);
        texts(values);
    }

    private void texts(@Nullable List<String> values) {
        if (values != null) {
            for (int i = 0; i < values.size() && weight <= MAX; i++) {
                item(values.get(i));
            }
        }
    }

    private void item(String value) {
        weight += ITEM + 2L * value.length();
    }

    private void text(@Nullable String value) {
        if (value != null) {
            weight += 2L * value.length();
        }
    }
}
