package dev.sallyport.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordEncoderTest {
    @TempDir
    Path folder;

    @Test
    void recordHasExactlyTheseBytes() {
        AuditRecord record = new AuditRecord(
                "01ARYZ6S410000000000000000", Instant.ofEpochSecond(1_800_000_000, 7), AuditRecord.Direction.INBOUND);
        record.service = "orders";
        record.peerAddress = "10.0.0.7:4711";
        record.callerId = "spiffe://shop.example/ns/shop/sa/web";
        record.peerSerial = "0a";
        record.method = "POST";
        record.template = "/charges/{id}";
        record.verdict = AuditRecord.Verdict.DENY;
        record.reason = "role_missing";
        record.nearestRule = "payment/charge/orders";
        record.userRoles = List.of("clerk");
        record.userClaims = new TreeMap<>(Map.of("tenant", "t1"));
        record.revision = 3;
        record.status = 403;
        assertThat(new String(Logs.encoded(record), US_ASCII))
                .isEqualTo(
                        "{'Timestamp':'1800000000000000007','EventName':'sallyport.request','audit.schema.version':'1',"
                                        .replace('\'', '"')
                                + ("'audit.record.id':'01ARYZ6S410000000000000000','sallyport.direction':'inbound','service.name':'orders',"
                                                + "'network.peer.address':'10.0.0.7:4711','audit.actor.id':'spiffe://shop.example/ns/shop/sa/web',"
                                                + "'sallyport.tls.client.serial':'0a','http.request.method':'POST','http.route':'/charges/{id}',"
                                                + "'sallyport.authz.decision':'deny','sallyport.authz.reason':'role_missing',"
                                                + "'sallyport.authz.nearest':'payment/charge/orders','user.roles':['clerk'],"
                                                + "'sallyport.jwt.claims':{'tenant':'t1'},'sallyport.config.revision':3,"
                                                + "'http.response.status_code':403,'http.request.body.size':0,'http.response.body.size':0,"
                                                + "'sallyport.duration_us':0,'sallyport.processing_us':0")
                                        .replace('\'', '"'));
    }

    @Test
    void intentSaysWhatIsAboutToHappenAndNothingOfItsEnd() {
        AuditRecord record = Logs.record("/orders/1");
        record.phase = AuditRecord.Phase.INTENT;
        assertThat(new String(Logs.encoded(record), US_ASCII))
                .contains(
                        "\"EventName\":\"sallyport.request.intent\"",
                        "\"sallyport.audit.phase\":\"intent\"",
                        "\"audit.record.id\":\"" + record.id + "\"",
                        "\"sallyport.authz.decision\":\"allow\"")
                .doesNotContain("status_code", "body.size", "duration");
        record.phase = AuditRecord.Phase.OUTCOME;
        assertThat(new String(Logs.encoded(record), US_ASCII))
                .contains(
                        "\"EventName\":\"sallyport.request\"", "\"sallyport.audit.phase\":\"outcome\"", "status_code");
    }

    @Test
    void decisionIsRecordedWithAllThatWentIntoIt() {
        AuditRecord record = Logs.record("/charges");
        record.guardrail = "card-data/others";
        record.observed = "no_route";
        record.candidateDecision = "deny";
        record.candidateReason = "condition_false";
        record.candidateRule = "payment/charge/orders";
        record.limit = "within";
        record.opa = new TreeMap<>(Map.of("main/shop/allow", "error"));
        record.opaDetail = "no answer in time";
        record.inputs = new TreeMap<>(Map.of("header.x-amount", List.of("1", "2"), "query.mode", List.of()));
        record.keyedInputs = new TreeMap<>(Map.of("header.x-tenant", List.of("k-1")));
        record.tokenIssuedAt = Instant.ofEpochSecond(1_800_000_000, 5);
        assertThat(new String(Logs.encoded(record), US_ASCII).replace('"', '\''))
                .contains("'sallyport.authz.guardrail':'card-data/others','sallyport.authz.observed':'no_route',"
                        + "'sallyport.authz.candidate.decision':'deny','sallyport.authz.candidate.reason':'condition_false',"
                        + "'sallyport.authz.candidate.rule':'payment/charge/orders','sallyport.authz.limit':'within',"
                        + "'sallyport.authz.opa':{'main/shop/allow':'error'},'sallyport.authz.opa.detail':'no answer in time',"
                        + "'sallyport.authz.input':{'header.x-amount':['1','2'],'query.mode':[]},"
                        + "'sallyport.authz.input.keyed':{'header.x-tenant':['k-1']}")
                .contains("'sallyport.jwt.iat':1800000000");
    }

    @Test
    void userWhoWasCarriedIsRecordedWithTheServicesInTheirOrder() {
        AuditRecord record = Logs.record("/charges");
        record.tokenResult = "absent";
        record.userCarried = "verified";
        record.userVia = List.of("web", "orders", "web");
        record.userIssuer = "shop";
        assertThat(new String(Logs.encoded(record), US_ASCII).replace('"', '\''))
                .contains("'sallyport.jwt.result':'absent','sallyport.user.carried':'verified',"
                        + "'sallyport.user.via':['web','orders','web'],'sallyport.jwt.issuer':'shop'");
    }

    @Test
    void requestWithoutAHopTokenSaysNothingOfOne() {
        assertThat(new String(Logs.encoded(Logs.record("/charges")), US_ASCII)).doesNotContain("sallyport.user.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a\n{\"audit.record.id\":\"forged\"}",
                "/a\r\nx",
                "/a\",\"sallyport.authz.decision\":\"allow",
                "/a\\",
                "/\u001b[2J\u001b[31m",
                "/\u009b31m",
                "/\u0000\u0007\u007f",
                "/\u2028\u2029\u0085",
                "/\u202e\u2066",
                "/\uD83D\uDE80",
                "/\uD83D",
                "/\uDE80x",
            })
    void noValueForgesALineOrMovesATerminal(String value) throws Exception {
        AuditRecord record = Logs.record(value);
        record.method = value;
        record.callerId = value;
        record.userRoles = List.of(value, value);
        record.userClaims = new TreeMap<>(Map.of("k" + value, value));
        String text = new String(Logs.encoded(record), US_ASCII);
        assertThat(text.chars().allMatch(c -> c >= 0x20 && c < 0x7f))
                .as("printable ASCII only: %s", text)
                .isTrue();
        try (AuditLog log = Logs.open(folder)) {
            log.on(Runnable::run).append(record, AuditLog.Mode.BUFFERED, outcome -> {});
        }
        Logs.assertHolds(folder);
        String read = value.replace('\u007f', '\ufffd')
                .replaceAll("(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]|[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])", "\ufffd");
        assertThat(Logs.paths(folder)).containsExactly(read);
        assertThat(Logs.phase(folder, "end").getFirst()).containsEntry(AuditFields.RECORDS, 1L);
    }

    @Test
    void hugeValuesAreCutAndSaidToBe() throws Exception {
        String huge = "\u2028".repeat(1_000_000);
        AuditRecord record = Logs.record(huge);
        record.method = huge;
        record.authority = huge;
        record.detail = huge;
        record.callerId = huge;
        record.userRoles = Collections.nCopies(10_000, huge);
        record.userScopes = Collections.nCopies(10_000, huge);
        TreeMap<String, String> claims = new TreeMap<>();
        for (int i = 0; i < 1000; i++) {
            claims.put(i + huge.substring(0, 3000), huge);
        }
        record.userClaims = claims;
        record.opa = claims;
        record.inputs = new TreeMap<>();
        claims.keySet().forEach(name -> record.inputs.put(name, Collections.nCopies(10, huge)));
        record.keyedInputs = record.inputs;
        byte[] bytes = Logs.encoded(record);
        assertThat(bytes.length).isLessThanOrEqualTo(60 * 1024);
        assertThat(new String(bytes, US_ASCII)).endsWith("\"sallyport.truncated\":true");
        try (AuditLog log = Logs.open(folder)) {
            log.on(Runnable::run).append(record, AuditLog.Mode.BUFFERED, outcome -> {});
        }
        Logs.assertHolds(folder);
    }

    @Test
    void usualRecordIsWhole() {
        assertThat(new String(Logs.encoded(Logs.record("/orders/1")), US_ASCII)).doesNotContain("truncated");
    }
}
