package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.proxy.log.JsonText;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetryConfigTest {
    @TempDir
    private Path folder;

    /** The text begins on line 4. */
    private ProxyConfig load(String yaml) throws Exception {
        Path file = Files.writeString(
                folder.resolve("orders.yaml"),
                "service: orders\napplication: 127.0.0.1:8080\nstateDirectory: ./state\n" + yaml + "\n");
        return ProxyConfig.load(Flags.parse(List.of("--config", file.toString()), Map.of()));
    }

    private TelemetryConfig telemetry(String yaml) throws Exception {
        return load(yaml).telemetry();
    }

    @Test
    void nothingIsToldUnlessAsked() throws Exception {
        assertThat(telemetry("")).isEqualTo(new TelemetryConfig(false, Optional.empty(), Optional.empty()));
    }

    @Test
    void everyKeyIsRead() throws Exception {
        assertThat(telemetry("""
                metrics: {listen: "127.0.0.1:0", compat: [istio]}
                traces: {endpoint: "https://collector.example:4318/otlp", ratio: 0.25, headersFile: ./headers}
                accessLog: {to: logs/access.log, mebibytesMax: 2, files: 3}"""))
                .isEqualTo(new TelemetryConfig(
                        true,
                        Optional.of(new TelemetryConfig.Traces(
                                URI.create("https://collector.example:4318/otlp"),
                                0.25,
                                Optional.of(folder.resolve("./headers")))),
                        Optional.of(new TelemetryConfig.AccessLog(
                                Optional.of(folder.resolve("logs/access.log")), 2 << 20, 3))));
    }

    @Test
    void whatIsLeftOutHasItsDefault() throws Exception {
        TelemetryConfig config = telemetry("traces: {endpoint: 'https://c.example'}\naccessLog: {to: stdout}");
        assertThat(config.traces())
                .contains(new TelemetryConfig.Traces(URI.create("https://c.example"), 0.01, Optional.empty()));
        assertThat(config.accessLog()).contains(new TelemetryConfig.AccessLog(Optional.empty(), 64 << 20, 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:4318", "http://localhost:4318", "http://[::1]:4318/x", "https://[::2]"})
    void collectorOfThisMachineMayBeToldInTheClear(String endpoint) throws Exception {
        assertThat(telemetry("traces: {endpoint: '" + endpoint + "'}").traces()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "0.0", "1.000", "0.000001"})
    void ratioMayBeNoneAndAll(String ratio) throws Exception {
        assertThat(telemetry("traces: {endpoint: 'https://c.example', ratio: " + ratio + "}")
                        .traces())
                .hasValueSatisfying(traces -> assertThat(traces.ratio()).isEqualTo(Double.parseDouble(ratio)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "metrics: {compat: [envoy]} | metrics.compat | [envoy] (expected: [istio])",
                "metrics: {compat: [istio, istio]} | metrics.compat | [istio, istio] (expected: [istio])",
                "metrics: {compat: []} | metrics.compat | an empty list (expected: at least one text",
                "metrics: {compat: {istio: true}} | metrics.compat | (expected: a text)",
                "metrics: {compatible: [istio]} | metrics.compatible | unknown (expected: one of compat, listen)",
                "traces: on | traces | (expected: a mapping, key: value)",
                "traces: {} | traces.endpoint | missing (expected: a text)",
                "traces: {endpoint: ''} | traces.endpoint | empty (expected: a text)",
                "traces: {endpoint: 'c.example:4318'} | traces.endpoint | c.example:4318 (expected: https://HOST:PORT",
                "traces: {endpoint: 'http://c.example:4318'} | traces.endpoint | http://c.example:4318 (expected: https://HOST:PORT, or http:// of a loopback address",
                "traces: {endpoint: 'http://10.0.0.1:4318'} | traces.endpoint | http://10.0.0.1:4318 (expected:",
                "traces: {endpoint: 'grpc://127.0.0.1:4317'} | traces.endpoint | grpc://127.0.0.1:4317 (expected:",
                "traces: {endpoint: 'https://c.example:70000'} | traces.endpoint | https://c.example:70000 (expected:",
                "traces: {endpoint: 'https://c.example:0'} | traces.endpoint | https://c.example:0 (expected:",
                "traces: {endpoint: 'https://c .example'} | traces.endpoint | https://c .example (expected:",
                "traces: {endpoint: 'https:///v1'} | traces.endpoint | https:///v1 (expected:",
                "traces: {endpoint: 'https://c.example/#a'} | traces.endpoint | https://c.example/#a (expected:",
                "traces: {endpoint: 'https://c.example', ratio: -0.1} | traces.ratio | -0.1 (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: 1.01} | traces.ratio | 1.01 (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: 10%} | traces.ratio | 10% (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: NaN} | traces.ratio | NaN (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: 0x1p-3} | traces.ratio | 0x1p-3 (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: 1f} | traces.ratio | 1f (expected: 0 to 1, as 0.01)",
                "traces: {endpoint: 'https://c.example', ratio: [1]} | traces.ratio | (expected: a text)",
                "traces: {endpoint: 'https://c.example', headersFile: ''} | traces.headersFile | empty (expected: a text)",
                "traces: {endpoint: 'https://c.example', headersFile: \"a\\0b\"} | traces.headersFile | (expected:",
                "traces: {endpoint: 'https://c.example', headers: x} | traces.headers | unknown (expected: one of endpoint, headersFile, ratio)",
                "accessLog: stdout | accessLog | (expected: a mapping, key: value)",
                "accessLog: {} | accessLog.to | missing (expected: a text)",
                "accessLog: {to: ''} | accessLog.to | empty (expected: a text)",
                "accessLog: {to: [stdout]} | accessLog.to | (expected: a text)",
                "accessLog: {to: \"a\\0b\"} | accessLog.to | (expected:",
                "accessLog: {to: a, mebibytesMax: 0} | accessLog.mebibytesMax | 0 (expected: 1..65536)",
                "accessLog: {to: a, mebibytesMax: 65537} | accessLog.mebibytesMax | 65537 (expected: 1..65536)",
                "accessLog: {to: a, mebibytesMax: 1.5} | accessLog.mebibytesMax | 1.5 (expected: 1..65536)",
                "accessLog: {to: a, files: 1} | accessLog.files | 1 (expected: 2..1000)",
                "accessLog: {to: a, files: many} | accessLog.files | many (expected: 2..1000)",
                "accessLog: {to: a, format: json} | accessLog.format | (expected:",
            })
    void oneBadValueIsOneProblemThatSaysWhatIsExpectedAndWhere(String yaml, String path, String message) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOfSatisfying(
                        InvalidDocumentException.class,
                        e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.path()).isEqualTo(path);
                            assertThat(problem.message()).contains(message);
                            assertThat(problem.toString()).contains("orders.yaml:4:");
                        }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:s3cr3t@c.example:4318",
                "https://s3cr3t@c.example",
                "https://c.example/?api-key=s3cr3t",
                "https://user:s3cr3t^@c.example"
            })
    void credentialsInAnAddressAreRefusedAndNotRepeated(String endpoint) {
        assertThatThrownBy(() -> load("traces: {endpoint: '" + endpoint + "'}"))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("traces.endpoint: user, password or query in it (expected:")
                .hasMessageContaining("headersFile")
                .hasMessageNotContaining("s3cr3t");
    }

    @Test
    void descriptionNamesWhatIsToldAndShowsNoSecret() throws Exception {
        Files.writeString(folder.resolve("headers"), "authorization: Bearer s3cr3t\n");
        ProxyConfig config = load("""
                metrics: {compat: [istio]}
                traces: {endpoint: "https://collector.example:4318", headersFile: ./headers}
                accessLog: {to: ./access.log}""");
        assertThat(JsonText.object(config::describe))
                .contains(
                        "\"metricsIstioNames\":true",
                        "\"tracesEndpoint\":\"https://collector.example:4318\"",
                        "\"tracesRatio\":0.01",
                        "\"accessLog\":\"" + folder.resolve("./access.log") + "\"")
                .doesNotContain("s3cr3t", "Bearer", "./headers");
        assertThat(JsonText.object(load("accessLog: {to: stdout}")::describe)).contains("\"accessLog\":\"stdout\"");
        assertThat(JsonText.object(load("")::describe)).doesNotContain("accessLog", "traces");
    }
}
