package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTermsTest {
    private static Map<String, Object> complete(Object... pairs) {
        Map<String, Object> fields = new java.util.LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.put((String) pairs[i], pairs[i + 1]);
        }
        return AuditTerms.complete(fields);
    }

    @Test
    void recordSaysWhatWasDoneToWhatByWhom(@TempDir Path folder) throws Exception {
        AuditRecord record = Logs.record("/orders/1");
        record.callerId = "spiffe://shop.example/ns/shop/sa/web";
        record.method = "DELETE";
        record.route = "orders/remove";
        record.rule = "orders/remove/web";
        record.tlsVersion = "TLSv1.3";
        try (AuditLog log = Logs.open(folder)) {
            log.on(Runnable::run).append(record);
        }
        assertThat(AuditTerms.complete(
                        AuditReader.find(folder, record.id).orElseThrow().fields()))
                .containsEntry("audit.actor.type", "service")
                .containsEntry("audit.action", "write")
                .containsEntry("audit.target.id", "orders/remove")
                .containsEntry("audit.target.type", "http.endpoint")
                .containsEntry("security_rule.ruleset.name", "orders")
                .containsEntry("url.scheme", "http")
                .containsEntry("network.protocol.name", "http")
                .containsEntry("network.protocol.version", "1.1")
                .containsEntry("sallyport.audit.level", "buffered")
                .containsEntry("sallyport.audit.phase", "single")
                .containsEntry("tls.resumed", false);
    }

    @Test
    void whatARecordSaysItselfStays() {
        assertThat(complete(
                        AuditFields.EVENT_NAME,
                        AuditFields.EVENT_REQUEST,
                        AuditFields.PROTOCOL_VERSION,
                        "1.0",
                        AuditFields.RULE,
                        "orders/read/web",
                        AuditFields.LEVEL,
                        "required",
                        AuditFields.PHASE,
                        "outcome"))
                .containsEntry("network.protocol.version", "1.0")
                .containsEntry("sallyport.audit.level", "required")
                .containsEntry("sallyport.audit.phase", "outcome");
    }

    @Test
    void safeMethodsReadAndConnectionsConnect() {
        for (String method : List.of("GET", "HEAD", "OPTIONS")) {
            assertThat(complete(AuditFields.METHOD, method)).containsEntry("audit.action", "read");
        }
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "PURGE", "get")) {
            assertThat(complete(AuditFields.METHOD, method)).containsEntry("audit.action", "write");
        }
        assertThat(complete(AuditFields.EVENT_NAME, AuditFields.EVENT_CONNECTION, AuditFields.SERVICE, "orders"))
                .containsEntry("audit.action", "connect")
                .containsEntry("audit.target.id", "orders")
                .containsEntry("audit.target.type", "service")
                .doesNotContainKey("network.protocol.name");
    }

    @Test
    void nothingIsSaidOfAnAnonymousActorOrOfTheLogItself() {
        assertThat(complete(AuditFields.ACTOR_ID, "anonymous")).doesNotContainKeys("audit.actor.type", "audit.action");
        assertThat(complete(AuditFields.EVENT_NAME, AuditFields.EVENT_LOG, AuditFields.PHASE, "gap"))
                .hasSize(2);
    }

    @Test
    void recordOfTheFirstSchemaHasItsTermsToo() {
        assertThat(complete(
                        AuditFields.EVENT_NAME,
                        AuditFields.EVENT_REQUEST,
                        AuditFields.SCHEMA_VERSION,
                        "1",
                        AuditFields.METHOD,
                        "GET",
                        AuditFields.ROUTE,
                        "orders/read"))
                .containsEntry("audit.action", "read")
                .containsEntry("audit.target.id", "orders/read")
                .containsEntry("audit.schema.version", "1");
    }
}
