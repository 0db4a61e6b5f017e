package dev.sallyport.cli;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "expl, explain",
        "policy l, lint",
        "policy te, test",
        "policy test --cov, --coverage",
        "policy b, build",
        "policy build --trust, --trust-bundle",
        "vault setup --print-p, --print-policy",
        "certs rotate --al, --all",
        "certs rotate --time, --timeout",
        "explain --req, --request",
        "status --cont, --context",
        "prox, proxy",
        "proxy con, config",
        "proxy log, log-level",
        "proxy log-level de, debug",
        "proxy drain --y, --yes",
        "ta, tap",
        "tap --den, --denied",
        "ben, bench"
    })
    void bashCompletesCommandsAndOptions(String typed, String completed) throws Exception {
        Path script = Files.writeString(
                folder.resolve("c"), sallyport("completion", "bash").held().out());
        String words = "sallyport " + typed;
        int last = words.split(" ").length - 1;
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" + last
                                + "; _complete_sallyport; echo \"${COMPREPLY[*]}\"")
                .redirectErrorStream(true)
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .strip()
                        .split("\\s+"))
                .contains(completed);
    }

    @Test
    void zshGetsTheSameScript() {
        assertThat(sallyport("completion", "zsh").held().out())
                .contains("bashcompinit", "~/.zshrc: source <(sallyport completion zsh)");
    }
}
