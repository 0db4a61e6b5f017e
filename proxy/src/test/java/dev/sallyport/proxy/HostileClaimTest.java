package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.AuditReader.StoredRecord;
import dev.sallyport.audit.AuditVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack 81 by an issuer's user: what stands in a claim, a role or the token's id is text on one record. */
@Timeout(60)
class HostileClaimTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                mine:
                  match: "GET /mine"
                  allow: {web: {from: [web], user: required}}
            """;

    @TempDir
    private Path folder;

    private Door door;
    private AuditLog log;

    @BeforeEach
    void start() throws Exception {
        door = Door.open(folder.resolve("mesh"), POLICY);
        door.mesh.documents = Door.MESH.replace("clockSkew: 30s", "clockSkew: 30s, claims: {tenant: string}") + POLICY;
        door.orders.learn();
        log = door.orders.audit.writeTo(folder.resolve("log"));
    }

    @AfterEach
    void stop() throws Exception {
        door.close();
        log.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n{\"audit.record.id\":\"forged\"}",
                "\",\"sallyport.authz.decision\":\"deny",
                "\u001b[2J\u001b[31m",
                "\u2028\u2029\u0085",
                "\u202e\u2066",
                "\uD83D",
                "\u0000\u007f",
                "{\"a\":1}",
                "long"
            })
    void claimIsTextOnOneRecord(String text) throws Exception {
        String value = text.equals("long") ? "x".repeat(2100) : text;
        String token = door.mesh.tokenWith("alice", Map.of("tenant", value, "jti", text), "role" + text);
        assertThat(door.ask("web", "GET /mine", "authorization: Bearer " + token))
                .startsWith("HTTP/1.1 200 ");
        await().atMost(Hop.SOON).until(() -> !door.orders.records.isEmpty());
        String id = Objects.requireNonNull(door.orders.records.getFirst()).id;
        log.close();
        assertThat(AuditVerifier.verify(folder.resolve("log")).bad()).isEmpty();
        assertThat(AuditVerifier.verify(folder.resolve("log")).records()).isEqualTo(1);
        StoredRecord record = AuditReader.find(folder.resolve("log"), id).orElseThrow();
        Object tenant =
                record.fields().get(AuditFields.USER_CLAIMS) instanceof Map<?, ?> claims ? claims.get("tenant") : null;
        assertThat(String.valueOf(tenant))
                .isEqualTo(
                        text.equals("long")
                                ? value.substring(0, 2048)
                                : value.replace('\uD83D', '?').replace('\u007f', '\ufffd'));
        assertThat(record.fields().containsKey(AuditFields.TRUNCATED)).isEqualTo(text.equals("long"));
        assertThat(record.fields()).containsEntry(AuditFields.DECISION, "allow");
        assertThat(Files.readString(record.file()).replace("\0", ""))
                .as("printable")
                .matches("[\\x20-\\x7e\\n]*");
    }
}
