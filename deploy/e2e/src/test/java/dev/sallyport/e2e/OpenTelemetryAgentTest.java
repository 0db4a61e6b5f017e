package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the design relies on, without any sidecar: an application that OpenTelemetry's agent instruments carries {@code tracestate} and the trace id on, and none does by itself. */
class OpenTelemetryAgentTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";
    private static final String STATE = "sallyport=0123456789abcdef0123456789abcdef,vendor=opaque";

    @TempDir
    Path folder;

    @Test
    void agentCarriesTraceAndStateOnFromAServiceThatForwardsNothing() throws Exception {
        List<JsonNode> seen = seenBehind(OpenTelemetryAgent.environment(), "01", "00");
        assertThat(seen).hasSize(2).allSatisfy(headers -> {
            assertThat(headers.path("traceparent")).hasSize(1);
            assertThat(headers.at("/traceparent/0").asText())
                    .startsWith("00-" + TRACE + "-")
                    .doesNotContain(SPAN); // a span of its own: only the state says where this came from
            assertThat(headers.path("tracestate")).hasSize(1);
            assertThat(headers.at("/tracestate/0").asText()).isEqualTo(STATE);
        });
        assertThat(seen.getFirst().at("/traceparent/0").asText()).endsWith("-01");
        assertThat(seen.getLast().at("/traceparent/0").asText()).endsWith("-00");
    }

    @Test
    void withoutTheAgentNothingIsCarried() throws Exception {
        assertThat(seenBehind(Map.of(), "01")).hasSize(1).allSatisfy(headers -> {
            assertThat(headers.has("traceparent")).isFalse();
            assertThat(headers.has("tracestate")).isFalse();
        });
    }

    /** The headers that reach whom a relay calls, which forwards none itself; one request for each of these trace flags: sampled or not. */
    private List<JsonNode> seenBehind(Map<String, String> environment, String... flags) throws Exception {
        HttpServer next = Mesh.echo();
        try (Running relay = Running.start(
                folder.resolve("relay.log"),
                environment,
                "shop-service",
                "--service",
                "a",
                "--listen",
                "127.0.0.1:0",
                "--next",
                "b",
                "--upstreams",
                "b=http://127.0.0.1:" + next.getAddress().getPort(),
                "--forward",
                "none")) {
            List<JsonNode> seen = new ArrayList<>();
            for (String flag : flags) {
                String traceparent = "00-" + TRACE + "-" + SPAN + "-" + flag;
                JsonNode answer = Http.send(
                                "GET",
                                "http://" + relay.text("listen") + "/things/7",
                                "",
                                "traceparent",
                                traceparent,
                                "tracestate",
                                STATE)
                        .expect(200)
                        .json();
                assertThat(answer.at("/downstream/path").asText()).isEqualTo("/things/7");
                seen.add(answer.at("/downstream/headers"));
            }
            return seen;
        } finally {
            next.stop(0);
        }
    }
}
