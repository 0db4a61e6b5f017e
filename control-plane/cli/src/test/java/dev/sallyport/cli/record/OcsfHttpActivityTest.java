package dev.sallyport.cli.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.Invocation;
import org.junit.jupiter.api.Test;

class OcsfHttpActivityTest {
    private static final String RECORD = """
            {"Timestamp":"1772446447113000000","EventName":"sallyport.request","audit.record.id":"01JZ","sallyport.direction":"inbound",
             "service.name":"payment","network.peer.address":"10.4.1.7:51312","audit.actor.id":"spiffe://shop.example/sa/orders",
             "sallyport.tls.client.serial":"1a2b","tls.protocol.version":"TLSv1.3","tls.cipher":"TLS_AES_128_GCM_SHA256",
             "http.request.method":"POST","server.address":"payment:8080","url.path":"/charges","sallyport.authz.decision":"allow",
             "sallyport.authz.reason":"allowed","security_rule.name":"payment/charge/orders","user.hash":"k-12","user.roles":["customer"],
             "sallyport.config.digest":"9b74","http.response.status_code":503,"sallyport.duration_us":1840,"TraceId":"4bf9",
             "audit.sequence.number":7,"audit.sequence.previous_hash":"aa","audit.sequence.hash":"bb"}""";

    private static JsonNode ocsf(String record) throws JsonProcessingException {
        // Through its text: a number is a number, however it was put in.
        return Invocation.JSON.readTree(OcsfHttpActivity.of(Invocation.JSON.readTree(record), "payment/i1/x")
                .orElseThrow()
                .toString());
    }

    @Test
    void everyFieldHasItsPlace() throws JsonProcessingException {
        assertThat(ocsf(RECORD)).isEqualTo(Invocation.JSON.readTree("""
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
                   "fingerprint":{"algorithm_id":3,"value":"bb"}}}"""));
    }

    @Test
    void decisionIsNotAnOutcome() throws JsonProcessingException {
        JsonNode denied = ocsf(RECORD.replace("\"allow\"", "\"deny\"").replace(":503", ":403"));
        assertThat(denied.path("action_id").asInt()).isEqualTo(2);
        assertThat(ocsf(RECORD.replace(":503", ":200")).path("status_id").asInt())
                .isEqualTo(1);
        assertThat(ocsf(RECORD.replace("\"POST\"", "\"BREW\""))
                        .path("activity_id")
                        .asInt())
                .isEqualTo(99);
    }

    @Test
    void whatIsNoTrafficIsLeftOut() throws JsonProcessingException {
        for (String event : new String[] {"sallyport.audit.log", "sallyport.audit.seal", "sallyport.request.intent"}) {
            assertThat(OcsfHttpActivity.of(Invocation.JSON.readTree(RECORD.replace("sallyport.request", event)), ""))
                    .isEmpty();
        }
    }
}
