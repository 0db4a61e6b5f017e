package dev.sallyport.benchmarks.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {
    /** What is said on standard error, of a command that starts nothing. */
    private static String refused(String... words) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, UTF_8));
        try {
            assertThat(Bench.execute(words)).isEqualTo(2);
        } finally {
            System.setErr(before);
        }
        return said.toString(UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "latency --rounds 0 | --rounds: 0 (expected: 1 to 1000); see sallyport bench latency --help",
                "latency --rate 0 | --rate: 0 (expected: 1 to 1000000)",
                "latency --connections 5000 | --connections: 5000 (expected: 1 to 1000)",
                "latency --bytes -1 | --bytes: -1 (expected: 0 to 1048576)",
                "latency --only direct,squid | --only: squid (expected: some of direct, relay, nginx, haproxy, envoy,"
                        + " envoy-full,",
                "latency --workers 3 | --workers: 3 (expected: 1 to 2); see sallyport bench latency --help",
                "latency --beside /nowhere | --beside: /nowhere (expected: a checkout or an unpacked archive",
                "memory --megabytes 0 | --megabytes: 0 (expected: 1 to 1048576); see sallyport bench memory --help",
                "start --seconds 0 | --seconds: 0 (expected: 1 to 3600); see sallyport bench start --help",
                "start --only varnish | --only: varnish (expected: some of direct, ",
                "policy --warm-up 0 | --warm-up: 0 (expected: 1 to 3600); see sallyport bench policy --help",
                "policy --curves rules,moons | --curves: moons (expected: some of rules, routes, issuers, services,"
                        + " connections, bodies, decisions)",
                "memory --seconds 0 | --seconds: 0 (expected: 1 to 3600)",
                "handshake --rate 501 | --rate: 501 (expected: 1 to 500); see sallyport bench handshake --help",
                "handshake --only pigeon | --only: pigeon (expected: some of direct, ",
                "sinks --minutes 0 | --minutes: 0.0 (expected: 0.05 to 1440); see sallyport bench sinks --help",
                "sinks --only dead | --only: dead (expected: some of answers, lossy, silent, refuses)",
                "tokens --flood-rate 0 | --flood-rate: 0 (expected: 1 to 1000000); see sallyport bench tokens --help",
                "tokens --new-tokens 0 | --new-tokens: 0 (expected: 1 to 100000)",
                "tokens --only token,sallyport | --only: sallyport (expected: some of none, padded, token, handle,"
                        + " alone",
                "audit --waiters 0 | --waiters: 0 (expected: 1 to 4096); see sallyport bench audit --help",
                "audit --kill 0 | --kill: 0 (expected: 1 to 1000000)",
                "latency --rounds many | 'many' is not",
                "throughput --bytes 1024,-1 | --bytes: -1 (expected: 0 to 1048576); see sallyport bench throughput --help",
                "throughput --connections 0 | --connections: 0 (expected: 1 to 1000)",
                "thruput | thruput"
            })
    void wrongUsageIsOneLineThatNamesTheOption(String words, String message) {
        assertThat(refused(words.split(" ")).lines())
                .singleElement()
                .asString()
                .startsWith("sallyport bench: ")
                .contains(message.strip());
    }

    @Test
    void checkWithoutFiguresSaysWhereTheyComeFrom() {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, UTF_8));
        try {
            assertThat(Bench.execute("--check", "--results", "/nowhere")).isEqualTo(Bench.FAILED);
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(UTF_8)).contains("/nowhere: not found (expected: raw figures of a run;");
    }

    @Test
    void medianStandsBetweenLeastAndGreatest() {
        assertThat(Series.of(java.util.List.of(3.0, 1.0, 2.0))).isEqualTo(new Series(2, 1, 3));
        assertThat(Series.of(java.util.List.of(4.0, 1.0)).text(1)).isEqualTo("2.5 (1.0..4.0)");
        assertThat(Series.of(java.util.List.of(4.0)).text(1)).isEqualTo("4.0");
    }
}
