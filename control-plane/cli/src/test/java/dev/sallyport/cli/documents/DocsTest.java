package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.testing.Ran;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocsTest {
    @Test
    void codeIsExplainedWithAnExampleAndWhatToWriteInstead() {
        Ran ran = sallyport("docs", "sp0301").held();

        assertThat(ran.out()).startsWith("SP0301  a match that is not of the form\n\nA match is METHOD /template");
        assertThat(ran.out().lines())
                .contains(
                        "Triggers it, under spec of a RoutePolicy:",
                        "    routes: {read: {match: get /charges/*, allow: {web: {from: [web], user: none}}}}",
                        "Instead:",
                        "    routes: {read: {match: GET /charges/**, allow: {web: {from: [web], user: none}}}}")
                .allMatch(line -> line.startsWith(" ") || line.length() <= 100);
        JsonNode json = sallyport("docs", "SP0301", "-o", "json").held().json();
        assertThat(json.path("in").asText()).isEqualTo("RoutePolicy");
        assertThat(json.path("wrong").asText()).contains("get /charges/*");
    }

    @Test
    void checkIsExplainedWithTheCommandsThatHelp() {
        Ran ran = sallyport("docs", "SP1509").held();
        assertThat(ran.out())
                .startsWith("SP1509  a sidecar that logs at debug\n")
                .endsWith("What helps:\n    sallyport proxy log-level info --state DIR\n")
                .doesNotContain("Triggers it", "Instead");
    }

    @Test
    void everyCodeIsListed() {
        assertThat(sallyport("docs").held().out().lines())
                .anyMatch(line -> line.matches("SP0001 +the text is not YAML, or not JSON"))
                .anyMatch(line -> line.startsWith("SP0801 "));
        assertThat(sallyport("docs", "-o", "json").held().json()).hasSizeGreaterThan(50);
    }

    @Test
    void codeThatThereIsNotIsWrongUsage() {
        sallyport("docs", "SP031").refused(2, "code SP031: unknown (did you mean SP0301?)");
        sallyport("docs", "lint").refused(2, "code lint: unknown (expected: one that lint or check prints, as SP0301");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mesh", "RoutePolicy", "Guardrail", "PolicyTest"})
    void schemaOfAKindIsPrinted(String kind) {
        JsonNode schema = sallyport("policy", "schema", kind.toLowerCase(Locale.ROOT))
                .held()
                .json();

        assertThat(schema.path("$schema").asText()).isEqualTo("http://json-schema.org/draft-07/schema#");
        assertThat(schema.at("/properties/kind/const").asText()).isEqualTo(kind);
    }

    @Test
    void schemaOfEveryKindIsPrintedWithoutOneAndNoOtherIsKnown() {
        assertThat(sallyport("policy", "schema").held().json().at("/properties/kind/enum"))
                .hasSize(4);
        sallyport("policy", "schema", "Gateway")
                .refused(2, "kind Gateway: unknown (expected: one of Mesh, RoutePolicy");
    }
}
