package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLintTest {
    @TempDir
    private Path folder;

    @Test
    void goodSetIsQuiet() throws IOException {
        Ran ran = sallyport("policy", "lint", ShopDocuments.write(folder)).held();
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).isEqualTo("sallyport: 2 files, 0 errors, 0 warnings\n");
        assertThat(sallyport("-q", "policy", "lint", folder).held().err()).isEmpty();
    }

    @Test
    void everyErrorIsPrintedWithItsPlace() throws IOException {
        ShopDocuments.write(
                folder,
                ShopDocuments.PAYMENT.replace("from: [orders]", "from: [ordrs]").replace("user: none", "usr: none"));

        Ran ran = sallyport("policy", "lint", folder);

        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.out().lines())
                .allMatch(line -> line.matches(".*payment\\.yaml:\\d+:\\d+: error SP\\d{4} .*"))
                .anyMatch(line -> line.contains("ordrs"))
                .anyMatch(line -> line.contains("usr"));
        assertThat(sallyport("policy", "lint", folder, "-o", "json")
                        .json()
                        .at("/findings/0/severity")
                        .asText())
                .isEqualTo("error");
    }

    @Test
    void warningsEndWithFiveOnlyWhenAsked() throws IOException {
        ShopDocuments.write(folder);
        Files.writeString(
                folder.resolve("mesh.yaml"),
                ShopDocuments.MESH.replace("sa/orders}", "sa/orders, ports: {8080: http}}"));

        assertThat(sallyport("policy", "lint", folder).held().out()).contains(": warning SP0801 ");
        assertThat(sallyport("policy", "lint", folder, "--exit-code").exit()).isEqualTo(5);
    }

    @Test
    void githubGetsWorkflowCommands() throws IOException {
        Path odd = Files.createDirectory(folder.resolve("a,b"));
        Files.writeString(odd.resolve("mesh.yaml"), "kind: Mesh\n");

        Ran ran = sallyport("policy", "lint", odd, "-o", "github");

        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.out().lines())
                .allMatch(line ->
                        line.matches("::error file=[^,]*a%2Cb/mesh\\.yaml,line=\\d+,col=\\d+,title=SP\\d{4}::.*"));
    }

    @Test
    void codeScanningGetsSarif() throws IOException {
        ShopDocuments.write(folder, ShopDocuments.PAYMENT.replace("from: [orders]", "from: [ordrs]"));

        Ran ran = sallyport("policy", "lint", folder, "-o", "sarif");

        assertThat(ran.exit()).isEqualTo(3);
        JsonNode log = ran.json();
        assertThat(log.path("version").asText()).isEqualTo("2.1.0");
        JsonNode run = log.at("/runs/0");
        assertThat(run.at("/tool/driver/name").asText()).isEqualTo("sallyport policy lint");
        assertThat(run.at("/tool/driver/rules"))
                .hasSizeGreaterThan(50)
                .allSatisfy(rule -> assertThat(rule.at("/help/text").asText())
                        .startsWith(rule.at("/fullDescription/text").asText()));
        assertThat(run.path("results")).singleElement().satisfies(result -> {
            assertThat(result.path("ruleId").asText()).isEqualTo("SP0101");
            assertThat(run.at("/tool/driver/rules"))
                    .anyMatch(rule -> rule.path("id").equals(result.path("ruleId")));
            assertThat(result.path("level").asText()).isEqualTo("error");
            assertThat(result.at("/message/text").asText()).contains("ordrs: unknown (did you mean orders?)");
            JsonNode place = result.at("/locations/0/physicalLocation");
            assertThat(place.at("/artifactLocation/uri").asText())
                    .isEqualTo(folder.resolve("payment.yaml").toUri().toString());
            assertThat(place.at("/region/startLine").asInt()).isEqualTo(7);
            assertThat(place.at("/region/startColumn").asInt()).isPositive();
        });
        ShopDocuments.write(folder);
        assertThat(sallyport("policy", "lint", folder, "-o", "sarif")
                        .held()
                        .json()
                        .at("/runs/0/results"))
                .isEmpty();
    }

    @Test
    void pathInSarifIsAnAddress() {
        assertThat(Sarif.uri("a b/c#d/ü.yaml")).isEqualTo("a%20b/c%23d/%C3%BC.yaml");
        assertThat(Sarif.uri("a:b.yaml")).isEqualTo("./a:b.yaml");
        assertThat(Sarif.uri("/a b.yaml")).isEqualTo("file:///a%20b.yaml");
    }

    @Test
    void fixMendsWhatIsPlainAndSaysSo() throws IOException {
        String careless =
                ShopDocuments.PAYMENT.replace("user: none", "usr: none").replace("[orders]", "[ orders, orders ]");
        ShopDocuments.write(folder, careless);
        Path payment = folder.resolve("payment.yaml");

        assertThat(sallyport("policy", "lint", folder).exit()).isEqualTo(3);
        assertThat(payment).hasContent(careless);

        Ran ran = sallyport("policy", "lint", "--fix", folder).held();

        assertThat(ran.err().lines())
                .containsExactly(
                        "sallyport: fixed: " + payment
                                + ":7:69: spec.routes.charge.allow.orders.from[1]: orders: a second time, removed",
                        "sallyport: fixed: " + payment
                                + ":13:65: spec.routes.health.allow.mesh.usr: unknown, renamed to user",
                        "sallyport: fixed: " + payment + ": formatted",
                        "sallyport: 2 files, 0 errors, 0 warnings");
        assertThat(payment).hasContent(ShopDocuments.PAYMENT);
    }

    @Test
    void fixLeavesWhatOnlyItsAuthorKnows() throws IOException {
        String doubtful = ShopDocuments.PAYMENT.replace("anyRole", "allRole").replace("[orders]", "[ordrs]");
        ShopDocuments.write(folder, doubtful);

        Ran ran = sallyport("policy", "lint", "--fix", folder);

        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.err()).doesNotContain("fixed");
        assertThat(folder.resolve("payment.yaml")).hasContent(doubtful);
    }

    @Test
    void whatIsNotThereIsNamed() {
        sallyport("policy", "lint", folder.resolve("nowhere")).refused(1, "nowhere", "not found");
        sallyport("policy", "lint").refused(2, "PATH");
    }
}
