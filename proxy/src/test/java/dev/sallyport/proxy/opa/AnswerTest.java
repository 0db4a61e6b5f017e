package dev.sallyport.proxy.opa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.OpaAnswer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
    private static Answer read(int status, String type, String body) {
        return Answer.of(status, List.of(type), body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"result\":true} | TRUE | true",
                "{ \"result\" :\ttrue } | TRUE | true",
                "{\"decision_id\":\"4ca636c1\",\"result\":true} | TRUE | true",
                "{\"re\\u0073ult\":true} | TRUE | true",
                "{\"result\":false} | FALSE | false",
                "{} | FALSE | undefined",
                "{\"decision_id\":\"4ca636c1\"} | FALSE | undefined",
            })
    void wellFormedAnswerIsTrueOrNot(String body, OpaAnswer answer, String detail) {
        assertThat(read(200, "application/json", body)).isEqualTo(new Answer(answer, detail));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"result\":1}",
                "{\"result\":\"true\"}",
                "{\"result\":null}",
                "{\"result\":[true]}",
                "{\"result\":{\"allow\":true}}",
                "{\"Result\":true}",
                "{\"result\":true,\"result\":true}",
                "{\"result\":false,\"result\":true}",
                "{\"result\":false,\"re\\u0073ult\":true}",
                "{\"result\":true,\"warning\":{}}",
                "{\"result\":true,\"decision_id\":7}",
                "{\"result\":true,\"decision_id\":true}",
                "{\"result\":true}{\"result\":true}",
                "{\"result\":true}x",
                "{\"result\":true",
                "{\"result\":TRUE}",
                "{result:true}",
                "{'result':true}",
                "{\"result\":true,}",
                "{\"result\":true}//",
                "[{\"result\":true}]",
                "true",
                "\"{}\"",
                "null",
                "",
                " ",
                "result: true",
                "\ufeff{\"result\":true}",
                "{\"result\":true}\u0000",
            })
    void everythingElseIsAnError(String body) {
        assertThat(read(200, "application/json", body).value()).isEqualTo(OpaAnswer.ERROR);
    }

    @Test
    void bytesThatAreNoUtf8AreAnError() {
        byte[] body = "{\"result\":true,\"decision_id\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(Answer.of(200, List.of("application/json"), body))
                .isEqualTo(Answer.error("no strict JSON (expected: one object)"));
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 206, 301, 400, 403, 404, 500, 503})
    void otherStatusIsAnErrorWhateverTheBodySays(int status) {
        assertThat(read(status, "application/json", "{\"result\":true}"))
                .isEqualTo(Answer.error("status " + status + " (expected: 200)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/json5", "text/json", ""})
    void otherContentTypeIsAnError(String type) {
        assertThat(read(200, type, "{\"result\":true}").value()).isEqualTo(OpaAnswer.ERROR);
    }

    @Test
    void noneOrTwoContentTypesAreAnError() {
        byte[] body = "{\"result\":true}".getBytes(StandardCharsets.UTF_8);

        assertThat(Answer.of(200, List.of(), body).value()).isEqualTo(OpaAnswer.ERROR);
        assertThat(Answer.of(200, List.of("application/json", "application/json"), body)
                        .value())
                .isEqualTo(OpaAnswer.ERROR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "Application/JSON", "application/json; charset=utf-8"})
    void contentTypeMayHaveParameters(String type) {
        assertThat(read(200, type, "{\"result\":true}").value()).isEqualTo(OpaAnswer.TRUE);
    }

    @Test
    void detailNeverQuotesTheAnswer() {
        assertThat(read(200, "application/json", "{\"result\":\"alice is ill\"}")
                        .detail())
                .isEqualTo("result of another type (expected: true or false)");
        assertThat(read(200, "application/json", "{\"alice is ill\":1}").detail())
                .isEqualTo("more in it than result and decision_id");
        assertThat(read(200, "application/json", "alice is ill").detail())
                .isEqualTo("no strict JSON (expected: one object)");
    }

    @Test
    void errorIsOneLineThatNamesTheOpa() {
        assertThat(Answer.error("connect: no\nsuch file").line("authz")).isEqualTo("OPA authz: connect: no");
        assertThat(new Answer(OpaAnswer.FALSE, "undefined").line("authz")).isEqualTo("undefined");
    }
}
