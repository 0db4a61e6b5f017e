package dev.sallyport.cli;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever is woken types what the runbook says: every command in it, and every option, is one that we have. */
class RunbooksTest {
    private static final Path OBSERVABILITY = Path.of("../../deploy/observability");
    private static final Pattern COMMAND = Pattern.compile("(?m)^    (sallyport .*)$|`(sallyport [^`]*)`");
    private static final Pattern OPTION = Pattern.compile("(?:^| )(--?[a-z][a-z-]*)");
    private static final Pattern IN_PROSE = Pattern.compile("(sallyport [a-z-]+(?: [a-z-]+)?)");

    private final Map<List<String>, String> helps = new HashMap<>();

    @Test
    void everyCommandOfARunbookExistsWithItsOptions() throws IOException {
        int commands = 0;
        for (Path page : pages(OBSERVABILITY.resolve("runbooks"), ".md")) {
            for (String line : COMMAND.matcher(Files.readString(page))
                    .results()
                    .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                    .toList()) {
                commands++;
                String help = helpOf(line, page);
                assertThat(OPTION.matcher(line).results().map(found -> found.group(1)))
                        .as(page.getFileName() + ": " + line)
                        .allSatisfy(option -> assertThat(help).contains(option));
            }
        }
        assertThat(commands).isGreaterThan(100);
    }

    @Test
    void everyCommandThatAnAlertNamesExists() throws IOException {
        for (Path file : pages(OBSERVABILITY.resolve("alerts"), ".yaml")) {
            IN_PROSE.matcher(Files.readString(file))
                    .results()
                    .map(found -> found.group(1))
                    .forEach(line -> helpOf(line, file));
        }
    }

    /** Of the command that the line begins with; it fails when there is none. */
    private String helpOf(String line, Path where) {
        List<String> words = Arrays.stream(line.split(" "))
                .skip(1)
                .takeWhile(word -> word.matches("[a-z][a-z-]*"))
                .toList();
        assertThat(words).as(where + ": " + line).isNotEmpty();
        List<String> command = new ArrayList<>();
        String help = help(command);
        for (String word : words) {
            boolean group = help.contains("Commands:\n");
            if (!group) {
                break;
            }
            assertThat(help).as(where + ": " + line).containsPattern("(?m)^  ([a-z-]+, )*" + word + "\\b");
            command.add(word);
            // A process has a help of its own, which only it can print.
            help = command.equals(List.of("control-plane")) ? line : help(command);
        }
        return help;
    }

    private String help(List<String> command) {
        return helps.computeIfAbsent(List.copyOf(command), words -> {
            List<String> asked = new ArrayList<>(words);
            asked.add("--help");
            return sallyport(asked.toArray()).held().out();
        });
    }

    private static List<Path> pages(Path folder, String end) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }
}
