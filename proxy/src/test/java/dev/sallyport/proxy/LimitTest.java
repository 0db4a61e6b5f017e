package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is allowed may still come too often. */
@Timeout(30)
class LimitTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                caller:
                  match: "GET /caller/{id}"
                  limit: {rate: 1/h, burst: 2, per: caller}
                  allow: {both: {from: [web, payment], user: none}}
                denied:
                  match: GET /denied
                  limit: {rate: 1/h, per: route}
                  allow: {web: {from: [web], user: none}}
                user:
                  match: GET /user
                  limit: {rate: 1/h, per: user}
                  allow: {web: {from: [web], user: required}}
                swapped:
                  match: GET /swapped
                  limit: {rate: 1/h, per: route}
                  allow: {web: {from: [web], user: none}}
                kept:
                  match: POST /kept
                  limit: {rate: 1/h, per: route}
                  allow: {web: {from: [web], user: none}}
            """;

    private static Door door;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        door = Door.open(folder, POLICY);
    }

    @AfterAll
    static void stop() {
        door.close();
    }

    @BeforeEach
    void forget() throws Exception {
        door.forget();
    }

    private static String status(String service, String requestLine, String... fields) throws Exception {
        return door.ask(service, requestLine, fields).substring(9, 12);
    }

    @Test
    void requestBeyondTheLimitIsToldWhenToComeBackAndNeverForwarded() throws Exception {
        assertThat(status("web", "GET /caller/1")).isEqualTo("200");
        assertThat(door.record().limit).isEqualTo("within");
        assertThat(status("web", "GET /caller/2")).isEqualTo("200");
        door.forget();

        String refused = door.ask("web", "GET /caller/3");

        assertThat(refused).startsWith("HTTP/1.1 429 ").contains("retry-after: 3600\r\n", "application/problem+json");
        AuditRecord record = door.record();
        assertThat(record.verdict).isEqualTo(Verdict.DENY);
        assertThat(record.reason).isEqualTo("rate_limited");
        assertThat(record.limit).isEqualTo("exceeded");
        assertThat(record.rule).as("the rule that allowed it").isEqualTo("orders/caller/both");
        assertThat(record.status).isEqualTo(429);
        assertThat(door.application.seen).isEmpty();

        assertThat(status("payment", "GET /caller/1")).as("another caller").isEqualTo("200");
    }

    @Test
    void deniedRequestsAreNotCounted() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(status("payment", "GET /denied")).isEqualTo("403");
        }
        assertThat(door.orders.records).allMatch(record -> record.limit == null);
        assertThat(status("web", "GET /denied")).isEqualTo("200");
        assertThat(status("web", "GET /denied")).isEqualTo("429");
    }

    @Test
    void eachUserHasALimitOfTheirOwn() throws Exception {
        String alice = "authorization: Bearer " + door.mesh.token("alice");
        String bob = "authorization: Bearer " + door.mesh.token("bob");
        assertThat(status("web", "GET /user", alice)).isEqualTo("200");
        assertThat(status("web", "GET /user", alice)).isEqualTo("429");
        assertThat(status("web", "GET /user", "authorization: Bearer " + door.mesh.token("alice", "a")))
                .as("another token of the same user")
                .isEqualTo("429");
        assertThat(status("web", "GET /user", bob)).isEqualTo("200");
    }

    @Test
    void newSnapshotDoesNotFillTheBucketUnlessItsLimitIsAnother() throws Exception {
        assertThat(status("web", "GET /swapped")).isEqualTo("200");
        door.orders.learn();
        assertThat(status("web", "GET /swapped")).isEqualTo("429");
        try {
            door.mesh.documents = (Door.MESH + POLICY)
                    .replace(
                            "match: GET /swapped\n      limit: {rate: 1/h,",
                            "match: GET /swapped\n      limit: {rate: 2/h,");
            door.orders.learn();
            assertThat(status("web", "GET /swapped")).isEqualTo("200");
        } finally {
            door.mesh.documents = Door.MESH + POLICY;
            door.orders.learn();
        }
    }

    @Test
    void connectionOutlivesARefusal() throws Exception {
        status("web", "POST /kept", "content-length: 0");
        try (RawClient client = door.connect("web")) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(Door.head("POST /kept", "content-length: 2") + "hi")
                                .until("\"}"))
                        .startsWith("HTTP/1.1 429 ")
                        .doesNotContain("connection: close");
            }
            client.socket().setSoTimeout((int) Duration.ofSeconds(5).toMillis());
            assertThat(client.send(Door.head("GET /denied/no-route")).until("\"}"))
                    .startsWith("HTTP/1.1 403 ");
        }
    }
}
