package dev.sallyport.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
    private static final String HEARTBEAT = "{'v':1,'type':'heartbeat','serverTime':'2026-01-31T12:00:00Z'}";

    @TempDir
    Path folder;

    @Test
    void everyMessageSurvivesTheWire() throws Exception {
        var bundle = Samples.bundle(folder);
        for (long seed = 0; seed < 25; seed++) {
            for (Object message : new Samples(seed, bundle).messages()) {
                assertThat(read(message)).as("seed %d", seed).isEqualTo(message);
            }
        }
    }

    @Test
    void cutMessageIsRefusedWhereverItIsCut() throws Exception {
        for (Object message : new Samples(1, Samples.bundle(folder)).messages()) {
            byte[] whole = Wire.encode(message);
            int step = Math.max(1, whole.length / 200);
            for (int length = 0; length < whole.length; length += step) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> parse(message, cut))
                        .as("%s cut to %d bytes", message, cut.length)
                        .isInstanceOf(InvalidMessageException.class);
            }
        }
    }

    @Test
    void heartbeatIsReadAsWritten() throws Exception {
        Wire.Down down = down(HEARTBEAT);
        assertThat(new String(Wire.encode(down), UTF_8)).isEqualTo(HEARTBEAT.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'v':2,'type':'rotate','reason':'x'}                 | stream message.v: 2 (expected: 1)",
                "{'type':'rotate','reason':'x'}                       | stream message.v: missing",
                "{'v':'1','type':'rotate','reason':'x'}               | stream message.v: another type (expected: a whole number)",
                "{'v':1.0,'type':'rotate','reason':'x'}               | stream message.v: null or a fraction",
                "{'v':1,'type':'rotate'}                              | stream message.reason: missing",
                "{'v':1,'type':'rotate','reason':null}                | stream message.reason: null",
                "{'v':1,'type':'rotate','reason':7}                   | stream message.reason: another type (expected: text)",
                "{'v':1,'type':'rotate','reason':'x','extra':true}    | stream message.extra: unknown field",
                "{'v':1,'type':'rotate','reason':'x','reason':'y'}    | stream message.reason: repeated field",
                "{'v':1,'type':'rotate','reason':{'a':1,'a':2}}       | stream message.reason.a: repeated field",
                "{'v':1,'type':'rotate','reason':'x'}{}               | stream message: bytes after its end",
                "{'v':1,'type':'rotate','reason':'x'},                | not strict JSON",
                "{'v':1,'type':'restart','reason':'x'}                | stream message.type",
                "{'v':1,'type':'rotate','reason':'\\ud800'}           | stream message.reason: not Unicode text",
                "{'v':1,'type':'heartbeat','serverTime':'yesterday'}  | stream message.serverTime: yesterday",
                "{'v':1,'type':'heartbeat','serverTime':'2026-01-31T13:00:00+01:00'} | stream message.serverTime",
                "{'v':99999999999999999999,'type':'rotate','reason':'x'} | stream message.v: a number beyond 64 bits",
                "[]                                                   | stream message: not a JSON object",
                "{'v':1,'type':'rotate','reason':'x',}                | not strict JSON",
                "{'v':1,/**/'type':'rotate','reason':'x'}             | not strict JSON",
                "{'v':1,'type':'rotate','reason':NaN}                 | not strict JSON",
                "{'v':01,'type':'rotate','reason':'x'}                | not strict JSON",
            })
    void anythingElseIsRefusedNamingThePath(String json, String problem) {
        assertThatThrownBy(() -> down(json))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void depthIsBounded() {
        String deep = "[".repeat(100) + "]".repeat(100);
        assertThatThrownBy(() -> down("{'v':1,'type':'rotate','reason':" + deep + "}"))
                .isInstanceOf(InvalidMessageException.class);
    }

    @Test
    void messageBeyondItsSizeIsRefusedUnparsed() {
        assertThatThrownBy(() -> Wire.hello(new byte[Wire.BYTES_MAX + 1]))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("at most " + Wire.BYTES_MAX);
    }

    @Test
    void otherEncodingsOfTheSameTextAreRefused() {
        String json = HEARTBEAT.replace('\'', '"');
        assertThatThrownBy(() -> Wire.down(json.getBytes(java.nio.charset.StandardCharsets.UTF_16BE)))
                .isInstanceOf(InvalidMessageException.class);
        byte[] overlong = json.replace("heartbeat", "heartbea??").getBytes(UTF_8);
        int at = json.indexOf("heartbeat") + 8;
        overlong[at] = (byte) 0xc1; // 't' in two bytes
        overlong[at + 1] = (byte) 0xb4;
        assertThatThrownBy(() -> Wire.down(overlong))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoch", "revision"})
    void numbersBelowNoneAreRefused(String name) {
        String json = "{\"v\":1,\"instance\":\"i\",\"advertise\":\"10.0.0.1:1\",\"epoch\":0,\"revision\":0,"
                + "\"certificateSerial\":\"1\",\"version\":\"1\"}";
        assertThatThrownBy(() -> Wire.hello(json.replace("\"" + name + "\":0", "\"" + name + "\":-2")
                        .getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("hello." + name + ": -2 (expected: at least -1)");
    }

    @Test
    void errorsNeverQuoteWhatASenderChose() {
        assertThatThrownBy(() -> down("{'v':1,'type':'rotate','reason':'x','\\u001b[2J':1}"))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageNotContaining("\u001b");
        assertThatThrownBy(() -> down("{'v':1,'token':secret}"))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void tokenIsNotShown() {
        assertThat(new Wire.Enrolment(Wire.JOIN_TOKEN, "secret", "csr", "i").toString())
                .doesNotContain("secret");
    }

    private static Wire.Down down(String json) throws InvalidMessageException {
        return Wire.down(json.replace('\'', '"').getBytes(UTF_8));
    }

    private static Object read(Object message) throws InvalidMessageException {
        return parse(message, Wire.encode(message));
    }

    private static Object parse(Object kind, byte[] json) throws InvalidMessageException {
        return switch (kind) {
            case Wire.Enrolment m -> Wire.enrolment(json);
            case Wire.Renewal m -> Wire.renewal(json);
            case Wire.Issued m -> Wire.issued(json);
            case Wire.Hello m -> Wire.hello(json);
            case Wire.Ack m -> Wire.ack(json);
            case Wire.CanaryRequest m -> Wire.canaryRequest(json);
            case Wire.CanaryResult m -> Wire.canaryResult(json);
            case Wire.KeyWanted m -> Wire.keyWanted(json);
            default -> Wire.down(json);
        };
    }
}
