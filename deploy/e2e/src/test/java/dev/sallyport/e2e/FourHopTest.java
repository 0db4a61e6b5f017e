package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user at the fourth service, whose application and the three before it hold no token: proven once, carried by sidecars, kept apart from others' users. */
class FourHopTest {
    private static final int USERS_AT_ONCE = 16;

    @TempDir
    static Path folder;

    private static Chain chain;

    @BeforeAll
    static void start() throws Exception {
        chain = Chain.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        chain.close();
    }

    @Test
    void traceHeadersForwardedVerbatimCarryTheUser() throws Exception {
        chain.relay("traceparent,tracestate", Map.of());
        assertUserArrives();
    }

    @Test
    void traceparentAloneForwardedVerbatimCarriesTheUser() throws Exception {
        chain.relay("traceparent", Map.of());
        assertUserArrives();
    }

    @Test
    void agentCarriesTheUserThroughServicesThatForwardNothing() throws Exception {
        chain.relay("none", OpenTelemetryAgent.environment());
        assertUserArrives();
    }

    @Test
    void serviceThatForwardsNothingCarriesNobody() throws Exception {
        chain.relay("none", Map.of());
        Http.Answer answer = chain.get("/things/7", bearer("alice")).expect(401);
        assertThat(answer.json().path("user").asText()).isEqualTo("alice"); // at a, and no further
        assertThat(answer.json().at("/downstream/status").asInt()).isEqualTo(401);
    }

    @Test
    void tokenOfTheUserIsNeededAtTheDoorWhateverTraceIsClaimed() throws Exception {
        chain.relay("traceparent,tracestate", Map.of());
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        chain.get("/things/7", bearer("alice")).expect(200);
        chain.get("/things/7").expect(401);
        chain.get("/things/7", "traceparent", trace, "tracestate", "sallyport=0123456789abcdef0123456789abcdef")
                .expect(401);
    }

    private static void assertUserArrives() throws Exception {
        assertUserArrives("alice", chain.get("/things/7", bearer("alice")));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Http.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < USERS_AT_ONCE; i++) {
                String[] bearer = bearer("user-" + i);
                answers.add(clients.submit(() -> chain.get("/things/7", bearer)));
            }
            for (int i = 0; i < USERS_AT_ONCE; i++) {
                assertUserArrives("user-" + i, answers.get(i).get());
            }
        }
    }

    /** Each application saw the user and the services that carried it; none saw what proves it. */
    private static void assertUserArrives(String user, Http.Answer answer) {
        JsonNode seen = answer.expect(200).json();
        List<String> carriers = new ArrayList<>();
        for (String service : List.of("a", "b", "c")) {
            assertThat(seen.path("service").asText()).isEqualTo(service);
            assertThat(seen.path("user").asText()).as("user at %s", service).isEqualTo(user);
            assertThat(seen.path("via").valueStream().map(JsonNode::asText))
                    .as("via at %s", service)
                    .containsExactlyElementsOf(carriers);
            assertThat(seen.path("authorization").asBoolean()).isFalse();
            carriers.add(service);
            seen = seen.path("downstream");
        }
        JsonNode headers = seen.path("headers");
        assertThat(headers.at("/x-sallyport-user/0").asText()).isEqualTo(user);
        assertThat(headers.at("/x-sallyport-issuer/0").asText()).isEqualTo("shop");
        assertThat(headers.at("/x-sallyport-roles/0").asText()).isEqualTo("customer");
        assertThat(headers.at("/x-sallyport-via/0").asText()).isEqualTo("a,b,c");
        assertThat(headers.has("authorization")).isFalse();
        assertThat(headers.has("txn-token")).isFalse();
    }

    private static String[] bearer(String user) throws Exception {
        return new String[] {"authorization", "Bearer " + chain.tokenOf(user)};
    }
}
