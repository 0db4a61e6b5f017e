package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainMadeUpTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void documents() throws IOException {
        ShopDocuments.write(folder);
    }

    @Test
    void everyRuleOfTheRouteIsShownUpToItsFirstFailure() {
        Ran ran = explain(
                "backoffice",
                "POST /charges/c1/refunds",
                "--user",
                "issuer=shop,sub=alice,roles=a|b,claims.dept=sales");

        String digest = ShopDocuments.load(ShopDocuments.PAYMENT).digest().substring(0, 12);
        assertThat(ran.held().out()).isEqualTo("""
                        DENY 403 claim_mismatch   made-up request  documents %s (sha256:%s)  payment/inbound
                          request   POST /charges/c1/refunds
                          caller    spiffe://shop.example/sa/backoffice
                          user      issuer=shop,sub=alice,roles=a|b,claims.dept=sales
                          rule payment/refund/boss
                            ✔ from        backoffice
                            ✔ user        alice of issuer shop
                            ✘ subject     alice   (expected: carol)
                          rule payment/refund/finance
                            ✔ from        backoffice
                            ✔ user        alice of issuer shop
                            ✘ claims.dept sales   (expected: payments)
                          nearest allow: would be allowed with a token of issuer shop that has subject carol: rule payment/refund/boss
                        """.formatted(folder, digest));
    }

    @ParameterizedTest
    @CsvSource({
        "orders,     POST /charges,       issuer=shop;sub=a;roles=customer, allow, allowed",
        "orders,     POST /charges,       issuer=shop;sub=a;roles=guest,    deny,  role_missing",
        "catalog,    POST /charges,       issuer=shop;sub=a;roles=customer, deny,  caller_not_allowed",
        "orders,     POST /charges,       token=missing,                    deny,  token_missing",
        "orders,     POST /charges,       token=expired,                    deny,  token_expired",
        "orders,     POST /charges,       token=token_signature,            deny,  token_signature",
        "none,       POST /charges,       token=missing,                    deny,  caller_unknown",
        "spiffe://other.example/x, POST /charges, token=missing,            deny,  caller_unknown",
        "catalog,    GET /health,         token=expired,                    allow, allowed",
        "orders,     GET /nothing,        token=missing,                    deny,  no_route",
        "orders,     POST /charges%2f,    token=missing,                    deny,  path_rejected",
        "orders,     get /health,         token=missing,                    deny,  path_rejected",
    })
    void answersAsASidecarWould(String from, String request, String user, String decision, String reason) {
        String[] who = user.startsWith("token=")
                ? new String[] {"--token", user.substring("token=".length())}
                : new String[] {"--user", user.replace(';', ',')};
        Ran ran = explain(from, request, who[0], who[1], "-o", "json", "--exit-code");

        assertThat(ran.json().path("decision").asText()).as(ran.toString()).isEqualTo(decision);
        assertThat(ran.json().path("reason").asText()).isEqualTo(reason);
        assertThat(ran.exit()).isEqualTo(decision.equals("allow") ? 0 : 5);
    }

    @Test
    void wrongWordsAreNamed() {
        explain("ordes", "POST /charges").refused(2, "--from: ordes: unknown (did you mean orders?)");
        explain("orders", "POST").refused(2, "METHOD /path");
        explain("orders", "POST /charges", "--token", "expird").refused(2, "did you mean expired?");
        explain("orders", "POST /charges", "--user", "issuer=shop,sub").refused(2, "--user: sub");
        explain("orders", "POST /charges", "--user", "issuer=shp,sub=a").refused(2, "did you mean shop?");
        explain("orders", "POST /charges", "--user", "issuer=shop,sub=a,claims.depth=x")
                .refused(2, "did you mean dept?");
        explain("orders", "POST /charges", "--user", "issuer=shop,sub=a,claims.vip=perhaps")
                .refused(2, "true or false");
        explain("orders", "POST /charges", "--user", "issuer=shop,sub=a", "--token", "expired")
                .refused(2, "both given");
    }

    @Test
    void calledServiceIsTheOneThatHasARoute() {
        Ran ran = sallyport("explain", folder, "--from", "catalog", "--request", "POST /charges");

        assertThat(ran.held().out())
                .startsWith("DENY 403 caller_not_allowed")
                .contains(
                        "payment/inbound",
                        "✘ from        catalog   (expected: [orders])",
                        "rule payment/charge/orders");
        sallyport("explain", folder, "--from", "catalog", "--request", "GET /nowhere")
                .refused(2, "--to: GET /nowhere: no service has a route for it");
    }

    @Test
    void whatThePortRelaxesIsDataAndNoMore() throws IOException {
        Files.writeString(
                folder.resolve("mesh.yaml"),
                ShopDocuments.MESH.replace(
                        "sa/payment, ports: {8080: http}",
                        "sa/payment, ports: {8080: http, 5432: tcp}, relax: {8080: {encodedSlash: data}}"));

        assertThat(explain("backoffice", "POST /charges/a%2Fb/refunds").held().out())
                .startsWith("DENY 401 token_missing");
        assertThat(explain("backoffice", "POST /charges/a%2F../refunds").held().out())
                .startsWith("DENY 400 path_rejected");
        assertThat(sallyport("explain", folder, "--from", "backoffice", "--request", "POST /charges/a%2Fb/refunds")
                        .held()
                        .out())
                .startsWith("DENY 401 token_missing");
        assertThat(sallyport("explain", folder, "--from", "backoffice", "--request", "POST /charges//refunds")
                        .held()
                        .out())
                .startsWith("DENY 400 path_rejected");
    }

    @Test
    void headerThatOverridesTheRequestIsRefused() {
        assertThat(explain("orders", "POST /charges", "--header", "X-HTTP-Method-Override=DELETE")
                        .held()
                        .out())
                .startsWith("DENY 400 path_rejected")
                .contains("x-http-method-override");
    }

    @Test
    void userMayComeByAHopToken() throws IOException {
        ShopDocuments.write(folder, ShopDocuments.CARRIED);
        Files.writeString(folder.resolve("mesh.yaml"), ShopDocuments.VOUCHED);

        assertThat(refund("issuer=shop,sub=a,claims.dept=payments", "orders,backoffice")
                        .held()
                        .out())
                .startsWith("ALLOW")
                .contains(
                        "user      issuer=shop,sub=a,claims.dept=payments via orders, backoffice",
                        "✔ user        a of issuer shop, carried by [orders, backoffice]");
        assertThat(refund("issuer=shop,sub=a,claims.dept=payments", "backoffice")
                        .held()
                        .out())
                .startsWith("DENY 401 token_chain");
        assertThat(refund("issuer=shop,sub=a,claims.dept=payments", "orders,catalog,backoffice")
                        .held()
                        .out())
                .startsWith("DENY 401 token_chain");
        assertThat(explain("backoffice", "POST /charges/c1/refunds", "--token", "expired", "--via", "orders,backoffice")
                        .held()
                        .out())
                .startsWith("DENY 401 token_expired");
    }

    @Test
    void whatDoesNotTravelIsNotThere() throws IOException {
        ShopDocuments.write(
                folder, ShopDocuments.CARRIED.replace("maxHops: 2}}", "maxHops: 2}}, when: \"user.claims.age >= 18\""));
        Files.writeString(folder.resolve("mesh.yaml"), ShopDocuments.VOUCHED);

        assertThat(refund("issuer=shop,sub=a,claims.dept=payments,claims.age=42", "orders,backoffice")
                        .held()
                        .out())
                .startsWith("DENY 403 condition_error");
        assertThat(explain(
                                "backoffice",
                                "POST /charges/c1/refunds",
                                "--user",
                                "issuer=shop,sub=a,claims.dept=payments,claims.age=42")
                        .held()
                        .out())
                .startsWith("ALLOW");
    }

    @Test
    void whoCarriedIsNamedRightly() throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), ShopDocuments.VOUCHED);

        refund("issuer=shop,sub=a", "ordres,backoffice").refused(2, "--via: ordres: unknown (did you mean orders?)");
        refund("issuer=shop,sub=a", "orders").refused(2, "--via: ends with orders, and the caller is backoffice");
        explain("backoffice", "POST /charges/c1/refunds", "--via", "orders,backoffice")
                .refused(2, "--via: without a user (expected: --user or --token beside it)");
    }

    private Ran refund(String user, String via) {
        return explain("backoffice", "POST /charges/c1/refunds", "--user", user, "--via", via);
    }

    @Test
    void ageOfATokenCounts() throws IOException {
        ShopDocuments.write(
                folder, ShopDocuments.PAYMENT.replace("anyRole: [customer]", "anyRole: [customer], maxTokenAge: 5m"));

        assertThat(explain("orders", "POST /charges", "--user", "issuer=shop,sub=a,roles=customer,age=4m")
                        .held()
                        .out())
                .startsWith("ALLOW");
        assertThat(explain("orders", "POST /charges", "--user", "issuer=shop,sub=a,roles=customer,age=6m")
                        .held()
                        .out())
                .startsWith("DENY 401 token_too_old");
    }

    @Test
    void documentsAreCheckedAsStrictlyAsEverywhere() throws IOException {
        ShopDocuments.write(folder, ShopDocuments.PAYMENT.replace("from: [orders]", "form: [orders]"));

        explain("orders", "POST /charges").refused(3, "payment.yaml:7:", "form");
    }

    private Ran explain(String from, String request, String... more) {
        List<Object> arguments = new ArrayList<>(
                List.of("policy", "explain", folder, "--to", "payment", "--from", from, "--request", request));
        arguments.addAll(List.of(more));
        return sallyport(arguments.toArray());
    }
}
