package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordLineTest {
    @TempDir
    Path folder;

    private static Optional<RecordLine> parse(String line) {
        return RecordLine.parse(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linesOfASidecarAreRead() throws IOException {
        Logs.write(folder, 1);
        String line = Logs.lines(Logs.file(folder, 1)).get(1);
        RecordLine record = parse(line).orElseThrow();
        assertThat(record.number()).isEqualTo(2);
        assertThat(record.value(RecordField.EVENT)).isEqualTo("request");
        assertThat(record.value(RecordField.CALLER)).isEqualTo("anonymous");
        assertThat(record.value(RecordField.METHOD)).isEqualTo("GET");
        assertThat(record.value(RecordField.REASON)).isEmpty();
        assertThat(record.time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void calledServiceIsTheOtherOneOfARequestThatGoesOut() {
        String members =
                "{\"Timestamp\":\"1772446447113000001\",\"EventName\":\"sallyport.request\",\"service.name\":\"own\","
                        + "\"service.peer.name\":\"peer\",\"sallyport.direction\":\"%s\",\"sallyport.authz.guardrail\":\"g/d\"}";
        assertThat(parse(members.formatted("inbound")).orElseThrow().value(RecordField.CALLEE))
                .isEqualTo("own");
        RecordLine out = parse(members.formatted("outbound")).orElseThrow();
        assertThat(out.value(RecordField.CALLEE)).isEqualTo("peer");
        assertThat(out.value(RecordField.RULE)).isEqualTo("g/d");
        assertThat(out.time()).isEqualTo(Instant.parse("2026-03-02T10:14:07.113000001Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "\u0000",
                "{\"Timestamp\":\"1772446447113000001\"}",
                "{\"EventName\":\"sallyport.request\"}",
                "{\"Timestamp\":\"soon and later\",\"EventName\":\"sallyport.request\"}",
                "{\"Timestamp\":\"99999999999999999999999999999999999\",\"EventName\":\"x\"}",
                "{\"Timestamp\":\"1772446447113000001\",\"EventName\":\"x\",\"audit.sequence.number\":\"many\"}",
                "{\"Timestamp\":\"1772446447113000001\",\"EventName\":\"x\""
            })
    void whatIsNoRecordIsNothing(String line) {
        assertThat(parse(line)).isEmpty();
    }
}
