package dev.sallyport.proxy.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.exchange.CanonicalHeads;
import dev.sallyport.proxy.exchange.RejectedException;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.inbound.Vectors.Vector;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.TokenIssuers;
import dev.sallyport.proxy.token.TokenVerifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The public decision vectors, from the bytes of a head by the sidecar's own decoder, canonical request, token verifier and facts. Not those of callers without certificate, who never
 * get as far as HTTP, of opaque ports, and of tokens that only a hop can have.
 */
class VectorsTest {
    private static final int CASES_MIN = 250;
    /** A longer one is none to a sidecar. */
    private static final int TOKEN_BYTES_MAX = 8 * 1024;

    @TestFactory
    Stream<DynamicContainer> everyVectorIsDecidedAsItSays() throws Exception {
        List<DynamicContainer> files = new ArrayList<>();
        for (Path path : Vectors.files()) {
            Vectors file = Vectors.read(path);
            files.add(DynamicContainer.dynamicContainer(file.name(), tests(file)));
        }
        return files.stream();
    }

    private static List<DynamicTest> tests(Vectors file) throws Exception {
        if (file.set().isEmpty()) {
            return List.of(DynamicTest.dynamicTest(file.name(), () -> {
                System.err.println("VectorsTest: skipped " + file.name() + ": no checked conditions beside it");
                assumeTrue(false, "no checked conditions beside " + file.name());
            }));
        }
        Sidecar sidecar = new Sidecar(file, file.set().get());
        List<DynamicTest> tests = new ArrayList<>();
        for (Vector vector : file.cases()) {
            if (sidecar.canMeet(vector)) {
                tests.add(DynamicTest.dynamicTest(
                        vector.name(),
                        () -> assertThat(sidecar.outcome(vector))
                                .as("%s: %s", file.name(), vector.name())
                                .isEqualTo(framed(vector) ? vector.expected() : refused(Reason.FRAMING_REJECTED))));
            }
        }
        return tests;
    }

    /** Whether HTTP/1.1 can carry it at all. A vector pins down what a decision makes of bytes; of these some are no head, and refused before anything is decided. */
    private static boolean framed(Vector vector) {
        String method = vector.request().split(" ", -1)[0];
        boolean line = method.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")
                && vector.request().indexOf(' ') == vector.request().lastIndexOf(' ');
        return line
                && Stream.concat(
                                Stream.of(vector.request(), vector.host()),
                                vector.headers().stream().map(Map.Entry::getValue))
                        .noneMatch(text -> text.chars().anyMatch(c -> c < 0x20 || c == 0x7f));
    }

    @Test
    void mostVectorsConcernASidecar() throws Exception {
        int cases = 0;
        for (Path path : Vectors.files()) {
            Vectors file = Vectors.read(path);
            if (file.set().isPresent()) {
                Sidecar sidecar = new Sidecar(file, file.set().get());
                for (Vector vector : file.cases()) {
                    cases += sidecar.canMeet(vector) ? 1 : 0;
                }
            }
        }
        assertThat(cases).isGreaterThanOrEqualTo(CASES_MIN);
    }

    private static Map<String, String> refused(Reason reason) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("expect", "deny");
        words.put("reason", reason.code());
        words.put("status", String.valueOf(reason.status()));
        return words;
    }

    /** As much of a sidecar as decides. */
    private static final class Sidecar {
        private final Vectors file;
        private final DocumentSet set;
        private final PolicySet policies;
        private final VectorTokens tokens;
        private final TokenIssuers issuers;

        Sidecar(Vectors file, DocumentSet set) throws Exception {
            this.file = file;
            this.set = set;
            this.policies = PolicySet.compile(set, file.service());
            this.tokens = new VectorTokens(set.mesh());
            this.issuers = new TokenIssuers(tokens.issuers());
        }

        boolean canMeet(Vector vector) throws Exception {
            boolean token = vector.as().isEmpty()
                    || authorization(vector)
                            .filter(text -> text.length() <= TOKEN_BYTES_MAX)
                            .isPresent();
            // White space around a value is no part of it (RFC 9110 section 5.5), and a longer line is no request.
            boolean same = Stream.concat(
                            Stream.of(vector.host()), vector.headers().stream().map(Map.Entry::getValue))
                    .allMatch(value -> value.equals(value.strip()));
            boolean fits = vector.request().length() + " HTTP/1.1".length()
                    <= Limits.standard().requestLineBytes();
            return vector.from().isPresent() && !vector.request().isEmpty() && token && same && fits;
        }

        private Optional<String> authorization(Vector vector) throws Exception {
            if (vector.as().isEmpty()) {
                return Optional.empty();
            }
            String as = vector.as().get();
            return as.startsWith("token_")
                    ? tokens.bad(Reason.ofCode(as), vector.now())
                    : Optional.of(tokens.good(
                            Optional.ofNullable(file.users().get(as)).orElseThrow()));
        }

        Map<String, String> outcome(Vector vector) throws Exception {
            StringBuilder bytes = new StringBuilder(vector.request() + " HTTP/1.1\r\nHost: " + vector.host() + "\r\n");
            vector.headers()
                    .forEach(field -> bytes.append(field.getKey())
                            .append(": ")
                            .append(field.getValue())
                            .append("\r\n"));
            authorization(vector)
                    .ifPresent(token ->
                            bytes.append("Authorization: Bearer ").append(token).append("\r\n"));
            try {
                return outcome(vector, TestHead.read(bytes.append("\r\n").toString()));
            } catch (RequestRejectedException refused) {
                return refused(refused.reason());
            } catch (RejectedException refused) {
                return refused(refused.rejection().reason());
            }
        }

        private Map<String, String> outcome(Vector vector, RequestHead head) throws Exception {
            CanonicalHeads heads = new CanonicalHeads();
            OptionalInt port = heads.authority(head).port();
            Relaxations relaxed = port.isPresent()
                    ? Optional.ofNullable(set.mesh().services().get(file.service()))
                            .orElseThrow()
                            .relaxed(port.getAsInt())
                    : Relaxations.NONE;
            CanonicalRequest request = heads.of(head, relaxed);
            head.dropHopByHop();
            TokenVerifier tokens = new TokenVerifier(_ -> {}, new SeenTokens());
            HeadFacts facts = new HeadFacts(
                    Optional.of(caller(vector)),
                    request,
                    head,
                    new OwnToken(() -> tokens.verify(head, issuers, () -> true, vector.now())));
            Decision decision = policies.decide(facts, vector.now());
            while (decision instanceof Decision.Ask ask
                    && vector.opa().containsKey(ask.query().target())) {
                String answer = vector.opa().get(ask.query().target());
                facts.answered(
                        ask.query(),
                        new OpaResult(
                                OpaAnswer.valueOf(String.valueOf(answer).toUpperCase(Locale.ROOT)), "", Duration.ZERO));
                decision = policies.decide(facts, vector.now());
            }
            return words(decision);
        }

        private SpiffeId caller(Vector vector) throws Exception {
            String from = vector.from().orElseThrow();
            return from.startsWith("spiffe:")
                    ? SpiffeId.parse(from)
                    : Optional.ofNullable(set.mesh().services().get(from))
                            .orElseThrow()
                            .identity();
        }

        private static Map<String, String> words(Decision decision) {
            Map<String, String> words = new LinkedHashMap<>();
            switch (decision) {
                case Decision.Allow allow -> {
                    words.put("expect", "allow");
                    allow.rule().ifPresent(rule -> words.put("rule", rule.toString()));
                    allow.observed().ifPresent(denial -> {
                        words.put("observed", denial.reason().code());
                        denial.nearest().ifPresent(rule -> words.put("nearest", rule.toString()));
                    });
                }
                case Decision.Deny deny -> {
                    words.putAll(refused(deny.reason()));
                    deny.nearest().ifPresent(rule -> words.put("nearest", rule.toString()));
                    deny.guardrail().ifPresent(denial -> words.put("guardrail", denial.toString()));
                }
                case Decision.Ask ask -> {
                    words.put("expect", "ask");
                    words.put("rule", ask.rule().toString());
                    words.put("query", ask.query().target() + "/" + ask.query().path());
                }
            }
            return words;
        }
    }
}
