package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Requests over four hops, through applications that forward trace headers and have no spans of their own, as a real Jaeger shows them. */
class TraceTest {
    private static final List<String> ONE_AFTER_THE_OTHER =
            List.of("edge client", "a server", "a client", "b server", "b client", "c server", "c client", "d server");
    private static final String CALLER = "b7ad6b7169203331";
    private static final String HIDDEN = "in-a-query-nobody-keeps";

    @RegisterExtension
    static final PeerLogs logs = new PeerLogs();

    @TempDir
    static Path folder;

    private static final List<AutoCloseable> started = new ArrayList<>();
    private static Jaeger jaeger;
    private static Chain chain;

    @BeforeAll
    static void start() throws Exception {
        jaeger = Jaeger.start(folder.resolve("jaeger"));
        started.add(jaeger);
        logs.add(jaeger::log);
        Path settings = Files.writeString(
                folder.resolve("traces.yaml"), "traces: {endpoint: \"" + jaeger.endpoint() + "\", ratio: 1}\n");
        chain = Chain.start(folder, "--config", settings.toString());
        started.add(chain);
        chain.relay("traceparent,tracestate", Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : started.reversed()) {
            each.close();
        }
    }

    @Test
    void requestOverFourHopsIsOneTreeThatSaysWhoDecidedWhat() throws Exception {
        Http.Answer answer = chain.get("/things/7", bearer("alice")).expect(200);
        List<Jaeger.Span> spans = inOrder(traceOf(answer), "");
        assertThat(spans).allSatisfy(span -> {
            assertThat(span.tags()).containsEntry("http.response.status_code", "200");
            assertThat(span.tags()).containsEntry("http.request.method", "GET");
        });
        assertThat(spans)
                .filteredOn(span -> span.kind().equals("server"))
                .hasSize(4)
                .allSatisfy(span -> {
                    assertThat(span.name()).isEqualTo("GET /things/{id}");
                    assertThat(span.tags())
                            .containsEntry("sallyport.authz.decision", "allow")
                            .containsEntry("security_rule.name", span.service() + "/thing/caller")
                            .containsEntry("security_rule.ruleset.name", span.service())
                            .containsEntry("http.route", "/things/{id}");
                });
    }

    @Test
    void traceOfACallerGoesOnUnderItsSpanWhicheverWayItIsWritten() throws Exception {
        String w3c = trace(1);
        chain.get("/things/7", with(bearer("alice"), "traceparent", parent(w3c, "01")))
                .expect(200);
        inOrder(w3c, CALLER);
        String single = trace(2);
        chain.get("/things/7", with(bearer("alice"), "b3", single + "-" + CALLER + "-1"))
                .expect(200);
        inOrder(single, CALLER);
        String many = trace(3);
        chain.get("/things/7", with(bearer("alice"), "x-b3-traceid", many, "x-b3-spanid", CALLER, "x-b3-sampled", "1"))
                .expect(200);
        inOrder(many, CALLER);
    }

    @Test
    void callerThatDoesNotSampleLeavesNoSpan() throws Exception {
        String unsampled = trace(4);
        String unsampledB3 = trace(5);
        chain.get("/things/7", with(bearer("alice"), "traceparent", parent(unsampled, "00")))
                .expect(200);
        chain.get("/things/7", with(bearer("alice"), "b3", unsampledB3 + "-" + CALLER + "-0"))
                .expect(200);
        // What comes later has arrived from everyone.
        String sampled = trace(6);
        chain.get("/things/7", with(bearer("alice"), "traceparent", parent(sampled, "01")))
                .expect(200);
        inOrder(sampled, CALLER);
        assertThat(jaeger.trace(unsampled)).isEmpty();
        assertThat(jaeger.trace(unsampledB3)).isEmpty();
    }

    @Test
    void deniedRequestsSpanSaysWhyAndNobodyBehindHasOne() throws Exception {
        String trace = trace(7);
        chain.get("/things/7", "traceparent", parent(trace, "01")).expect(401);
        List<Jaeger.Span> spans = jaeger.spans(trace, 2);
        assertThat(spans).hasSize(2);
        assertThat(spans)
                .filteredOn(span -> span.kind().equals("server"))
                .singleElement()
                .satisfies(denied -> {
                    assertThat(denied.service()).isEqualTo("a");
                    assertThat(denied.tags())
                            .containsEntry("sallyport.authz.decision", "deny")
                            .containsEntry("http.response.status_code", "401")
                            .containsEntry("sallyport.authz.reason", "token_missing")
                            .containsEntry("security_rule.name", "a/thing/caller"); // which got furthest
                });
    }

    @Test
    void nothingThatProvesAUserIsInWhatJaegerHas() throws Exception {
        String trace = trace(8);
        String token = chain.tokenOf("mallory");
        JsonNode answer = chain.get(
                        "/things/7?q=" + HIDDEN, "authorization", "Bearer " + token, "traceparent", parent(trace, "01"))
                .expect(200)
                .json();
        inOrder(trace, CALLER);
        // What the last application was given to carry a user on.
        String handle = answer.findValue("tracestate").path(0).asText().replaceAll(".*sallyport=([^,]*).*", "$1");
        assertThat(handle).hasSizeGreaterThan(16);
        String signature = token.substring(token.lastIndexOf('.') + 1);
        for (String service : List.of("edge", "a", "b", "c", "d")) {
            assertThat(jaeger.everything(service))
                    .contains(trace)
                    .doesNotContain(token)
                    .doesNotContain(signature)
                    .doesNotContain(handle)
                    .doesNotContain("Bearer")
                    .doesNotContain("mallory")
                    .doesNotContain(HIDDEN);
        }
    }

    /** Its spans, which must be each the only child of the one before it; {@code parent} is the first one's. */
    private static List<Jaeger.Span> inOrder(String trace, String parent) {
        List<Jaeger.Span> all = jaeger.spans(trace, ONE_AFTER_THE_OTHER.size());
        List<Jaeger.Span> ordered = new ArrayList<>();
        String above = parent;
        for (int i = 0; i < all.size(); i++) {
            String of = above;
            List<Jaeger.Span> children =
                    all.stream().filter(span -> span.parent().equals(of)).toList();
            assertThat(children).as("under %s of %s", of, all).hasSize(1);
            ordered.add(children.getFirst());
            above = children.getFirst().id();
        }
        assertThat(ordered)
                .extracting(span -> span.service() + " " + span.kind())
                .containsExactlyElementsOf(ONE_AFTER_THE_OTHER);
        return Collections.unmodifiableList(ordered);
    }

    /** The one that the last application saw. */
    private static String traceOf(Http.Answer answer) {
        return answer.json().findValue("traceparent").path(0).asText().substring(3, 35);
    }

    /** One for each question, so that none finds another's spans. */
    private static String trace(int number) {
        return "0af7651916cd43dd8448eb2100000%03d".formatted(number);
    }

    private static String parent(String trace, String flags) {
        return "00-" + trace + "-" + CALLER + "-" + flags;
    }

    private static String[] bearer(String user) throws Exception {
        return new String[] {"authorization", "Bearer " + chain.tokenOf(user)};
    }

    private static String[] with(String[] headers, String... more) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
