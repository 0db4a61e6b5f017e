package dev.sallyport.cli;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "explian X                  | explian: unknown command (did you mean explain?)",
                "wxyz                       | wxyz: unknown command (expected: one of apply, ",
                "policy lnt                 | lnt: unknown command (did you mean lint?)",
                "policy                     | missing required subcommand",
                "status --contxt x          | --contxt: unknown option (did you mean --context?)",
                "status more                | more: one word too many",
                "status -o xml              | -o",
                "status -o yaml             | -o: yaml (expected: one of [table, json])",
                "status --timeout 5         | --timeout",
                "get                        | KIND",
                "get documents x            | get documents x (expected: get documents, or get KIND NAME)",
                "get Mesh                   | get Mesh (expected: get documents, or get KIND NAME)",
                "certs rotate               | --all or at least one SERVICE",
                "certs rotate --all orders  | --all or at least one SERVICE",
                "token create               | --service",
                "explain X                  | --state DIR",
                "run --service a -- true    | --application",
                "completion fish            | fish",
                "proxy --x                  | started by the script",
                "proxy conifg               | started by the script",
                "proxy config --admn x      | --admn: unknown option (did you mean --admin?)",
                "tap --rate 0               | --rate: 0 (expected: 1 to 1000)",
                "tap --rate 1001            | --rate: 1001 (expected: 1 to 1000)",
                "tap --count 0              | --count: 0 (expected: 1 or more)",
                "tap -o yaml                | -o: yaml (expected: one of [table, wide, json, jsonl])",
            })
    void wrongUsageIsOneLineAndTwo(String line, String says) {
        Ran ran = sallyport((Object[]) line.strip().split(" +"));
        ran.refused(2, says.strip());
        assertThat(ran.err().lines()).hasSize(1);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void nothingAtAllIsWrongUsageToo() {
        sallyport().refused(2, "see sallyport --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "explain --help", "certs rotate -h", "audit verify --help"})
    void helpListsTheExitCodes(String line) {
        Ran ran = sallyport((Object[]) line.split(" ")).held();
        assertThat(ran.out()).contains("Exit codes:");
        for (ExitCode code : ExitCode.values()) {
            assertThat(ran.out()).containsPattern("\\n +" + code.number() + " +\\S");
        }
    }

    @Test
    void exitCodesAreTheProjectsTable() {
        assertThat(Arrays.stream(ExitCode.values()).map(ExitCode::number)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(ExitCode.INVALID.number()).isEqualTo(3);
        assertThat(ExitCode.FINDINGS.number()).isEqualTo(5);
        assertThat(ExitCode.UNVERIFIED.number()).isEqualTo(6);
        assertThat(ExitCode.TIMEOUT.number()).isEqualTo(7);
    }

    @Test
    void processesAreListedThoughTheLauncherStartsThem() {
        assertThat(sallyport("--help").held().out()).contains("  proxy ", "  control-plane ", "  demo ");
    }
}
