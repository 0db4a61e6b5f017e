package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.proxy.telemetry.Cell;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.RequestKey;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies on trial: what is observed, in dry run, or guarded, from a caller's request to its record. */
@Timeout(30)
class TrialTest {
    private static Door door;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        door = Door.open(folder, """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: orders}
                spec:
                  service: orders
                  routes:
                    observed:
                      match: ["GET /observed", "GET /observed/admin"]
                      mode: observe
                      until: 9999-01-01
                      allow: {payment: {from: [payment], user: required, forwardToken: true}}
                    open:
                      match: "GET /open/{id}"
                      headers: {x-tenant: [acme, other]}
                      query: {mode: full}
                      record: {header.x-tenant: clear, path.id: clear}
                      allow:
                        web: {from: [web], user: none}
                        tried: {from: [payment], user: none, mode: dryRun}
                ---
                apiVersion: sallyport.dev/v1
                kind: Guardrail
                metadata: {name: admin}
                spec:
                  deny:
                    others: {to: [orders], match: ["/observed/admin"], unlessFrom: [payment]}
                ---
                apiVersion: sallyport.dev/v1
                kind: Guardrail
                metadata: {name: planned}
                spec:
                  mode: dryRun
                  deny:
                    tenants: {to: [orders], match: ["/open/**"], unlessHeaders: {x-tenant: acme}}
                """);
    }

    @AfterAll
    static void stop() {
        door.close();
    }

    @BeforeEach
    void forget() throws Exception {
        door.forget();
    }

    private static long counted(Predicate<RequestKey> which) {
        return door.orders.metrics.cells(Direction.INBOUND).stream()
                .map(Cell::key)
                .filter(which)
                .count();
    }

    @Test
    void observedDenialIsForwardedWithoutAUserAndOnRecord() throws Exception {
        String token = "authorization: Bearer " + door.mesh.token("alice");
        assertThat(door.ask("web", "GET /observed", token)).startsWith("HTTP/1.1 200 ");
        AuditRecord record = door.record();
        assertThat(record.verdict).isEqualTo(Verdict.ALLOW);
        assertThat(record.reason).isEqualTo("allowed");
        assertThat(record.observed).isEqualTo("caller_not_allowed");
        assertThat(record.nearestRule).isEqualTo("orders/observed/payment");
        assertThat(record.rule).isNull();
        await().until(() -> counted(key -> key.observed().equals("caller_not_allowed")) == 1);
        assertThat(door.application.last().headers().getFirst("x-sallyport-user"))
                .isNull();
        assertThat(door.application.last().headers().getFirst("authorization")).isNull();
    }

    @Test
    void badTokenIsRefusedAlsoWhereDenialsAreOnlyObserved() throws Exception {
        assertThat(door.ask("payment", "GET /observed", "authorization: Bearer x.y.z"))
                .startsWith("HTTP/1.1 401 ");
        assertThat(door.record().observed).isNull();
        assertThat(door.application.seen).isEmpty();
    }

    @Test
    void guardrailDeniesAlsoWhereDenialsAreOnlyObserved() throws Exception {
        assertThat(door.ask("web", "GET /observed/admin")).startsWith("HTTP/1.1 403 ");
        AuditRecord record = door.record();
        assertThat(record.verdict).isEqualTo(Verdict.DENY);
        assertThat(record.reason).isEqualTo("guardrail");
        assertThat(record.guardrail).isEqualTo("admin/others");
        assertThat(record.observed).isNull();
        assertThat(door.application.seen).isEmpty();
    }

    @ParameterizedTest(name = "{0} of tenant {1}: {2}, and {3} {4} if nothing were in dry run")
    @CsvSource({
        "web,     acme,  200, allow, allowed,         orders/open/web",
        "web,     other, 200, deny,  guardrail,       planned/tenants",
        "payment, acme,  403, allow, allowed,         orders/open/tried",
        "payment, third, 403, deny,  guardrail,       planned/tenants",
    })
    void dryRunIsRecordedBesideWhatHappens(
            String caller, String tenant, int status, String decision, String reason, String rule) throws Exception {
        boolean live = status == 200;
        assertThat(door.ask(caller, "GET /open/7?mode=full", "x-tenant: " + tenant))
                .startsWith("HTTP/1.1 " + status + " ");

        AuditRecord record = door.record();
        assertThat(record.verdict).isEqualTo(live ? Verdict.ALLOW : Verdict.DENY);
        assertThat(record.candidateDecision).isEqualTo(decision);
        assertThat(record.candidateReason).isEqualTo(reason);
        assertThat(record.candidateRule).isEqualTo(rule);
        await().until(() -> counted(key -> key.allowed() == live
                        && key.candidate().equals(decision)
                        && key.candidateReason().equals(reason))
                > 0);
        assertThat(door.application.seen).hasSize(live ? 1 : 0);
    }

    @Test
    void whatTheRulesReadIsOnRecordAsTheRouteSays() throws Exception {
        assertThat(door.ask("web", "GET /open/7?mode=full&other=1", "x-tenant: acme", "x-other: 1"))
                .startsWith("HTTP/1.1 200 ");
        AuditRecord record = door.record();
        assertThat(record.path).isEqualTo("/open/7");
        assertThat(record.inputs).containsExactly(entry("header.x-tenant", List.of("acme")));
        assertThat(record.keyedInputs).containsOnlyKeys("query.mode").doesNotContainValue(List.of("full"));
    }
}
