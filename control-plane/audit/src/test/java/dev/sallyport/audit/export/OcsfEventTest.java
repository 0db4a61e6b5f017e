package dev.sallyport.audit.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OcsfEventTest {
    private static final String RECORD = """
            {"Timestamp":"1772446447113000000","EventName":"sallyport.request","audit.record.id":"01JZ","sallyport.direction":"inbound",
             "service.name":"payment","network.peer.address":"10.4.1.7:51312","audit.actor.id":"spiffe://shop.example/sa/orders",
             "sallyport.tls.client.serial":"1a2b","tls.protocol.version":"TLSv1.3","tls.cipher":"TLS_AES_128_GCM_SHA256",
             "http.request.method":"POST","server.address":"payment:8080","url.path":"/charges","sallyport.authz.decision":"allow",
             "sallyport.authz.reason":"allowed","security_rule.name":"payment/charge/orders","user.hash":"k-12","user.roles":["customer"],
             "sallyport.config.digest":"9b74","http.response.status_code":503,"sallyport.duration_us":1840,"TraceId":"4bf9",
             "audit.sequence.number":7,"audit.sequence.previous_hash":"aa","audit.sequence.hash":"bb"}""";

    private static Map<String, Object> fields(String record) {
        return AuditReader.fields(record.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    private static String line(String record) {
        return ((OcsfEvent.Event) OcsfEvent.of(fields(record), "payment/i1/x")).line();
    }

    @Test
    void everyFieldHasItsPlaceAndItsOrder() {
        assertThat(line(RECORD)).isEqualTo("""
                {"class_uid":4002,"category_uid":4,"activity_id":6,"type_uid":400206,"severity_id":1,"time":1772446447113,
                "metadata":{"version":"1.9.0","product":{"name":"Sallyport","vendor_name":"Sallyport"},
                "profiles":["security_control","trace","record_integrity","host"],"uid":"01JZ","sequence":7},
                "duration":1,"trace":{"uid":"4bf9"},
                "actor":{"app_uid":"spiffe://shop.example/sa/orders","user":{"uid":"k-12","groups":[{"name":"customer"}]}},
                "src_endpoint":{"ip":"10.4.1.7","port":51312},"dst_endpoint":{"hostname":"payment:8080","svc_name":"payment"},
                "http_request":{"http_method":"POST","url":{"path":"/charges"}},"http_response":{"code":503},
                "tls":{"version":"TLSv1.3","cipher":"TLS_AES_128_GCM_SHA256","certificate":{"serial_number":"1a2b"}},
                "action_id":1,"status_id":2,"status_detail":"allowed","authorizations":[{"decision":"allow"}],
                "policy":{"is_applied":true,"uid":"payment/charge/orders","version":"9b74"},
                "attestation":{"chain_uid":"payment/i1/x","prev_event":{"fingerprint":{"algorithm_id":3,"value":"aa"}},
                "fingerprint":{"algorithm_id":3,"value":"bb"}}}""".replace("\n", ""));
    }

    @Test
    void decisionIsNotAnOutcome() {
        assertThat(line(RECORD.replace("\"allow\"", "\"deny\"").replace(":503", ":403")))
                .contains("\"action_id\":2", "\"status_id\":2");
        assertThat(line(RECORD.replace(":503", ":200"))).contains("\"action_id\":1", "\"status_id\":1");
        assertThat(line(RECORD.replace("\"POST\"", "\"BREW\""))).contains("\"activity_id\":99", "\"type_uid\":400299");
    }

    @Test
    void refusedConnectionIsAnActivityWithoutMethod() {
        assertThat(line(RECORD.replace("sallyport.request", "sallyport.connection")
                        .replace("\"http.request.method\":\"POST\",", "")))
                .contains("\"activity_id\":0", "\"http_request\":{\"url\"");
    }

    @Test
    void whatHasNoClassSaysWhichItIs() {
        for (String event : new String[] {
            "sallyport.audit.log", "sallyport.audit.seal", "sallyport.request.intent", "sallyport.stream"
        }) {
            assertThat(OcsfEvent.of(fields(RECORD.replace("sallyport.request", event)), ""))
                    .isEqualTo(new OcsfEvent.NoClass(event));
        }
    }

    @Test
    void gapIsABaseEvent() {
        ExportRecord gap = ExportRecord.notice(ExportRecord.EVENT_GAP, 256, 512, Instant.EPOCH);
        assertThat(((OcsfEvent.Event) OcsfEvent.of(gap)).line())
                .contains("\"class_uid\":0", "\"type_uid\":99", "from 256 to before 512", gap.id());
    }

    @Test
    void hostileTextStaysInsideItsString() {
        String hostile = RECORD.replace("/charges", "/\\n{\\\"class_uid\\\":1}\\u001b[2J\\u007f\\u2028\\ud800");
        assertThat(line(hostile)).matches("[ -~]+").contains("/\\n{\\\"class_uid\\\":1}\\u001B[2J\\u007f\\u2028");
    }
}
