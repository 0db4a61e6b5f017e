package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** One run of the command line: the options that every command has, and where it prints. Data goes to stdout, everything said to people to stderr. */
@Command(
        name = "sallyport",
        description = "A sidecar for service-to-service traffic: who calls, for whom, and which rule allows it.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Invocation.Version.class)
public final class Invocation {
    /** Pretty-printed where people read it; field order is the writer's. */
    public static final ObjectMapper JSON = new ObjectMapper();

    /** {@code -o}; a command says which of them it speaks. */
    public enum Format {
        TABLE,
        WIDE,
        SHORT,
        JSON,
        JSONL,
        YAML,
        GITHUB,
        SARIF;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "table or json; some commands have more")
    private Format format = Format.TABLE;

    @Option(
            names = "--context",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description =
                    "the administrator's context (default: SALLYPORT_CONTEXT, then ~/.config/sallyport/admin.json)")
    private Optional<Path> context = Optional.empty();

    @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "no colours, as with NO_COLOR")
    private boolean noColor;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "no messages beside errors")
    private boolean quiet;

    @Spec
    private CommandSpec spec;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final Map<String, String> environment;

    Invocation(PrintStream out, PrintStream err, boolean terminal, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.environment = Map.copyOf(environment);
    }

    /** What {@code -o} asked for, if it is one of {@code spoken}; anything else is wrong usage. */
    public Format format(Format... spoken) {
        if (!Arrays.asList(spoken).contains(format)) {
            throw new ParameterException(
                    running(), "-o: " + format + " (expected: one of " + Arrays.toString(spoken) + ")");
        }
        return format;
    }

    /** Whether to print JSON; every command with data speaks both. */
    public boolean json() {
        return format(Format.TABLE, Format.JSON) == Format.JSON;
    }

    /** Whether whoever read stdout has gone: a command that never ends by itself looks. */
    public boolean unread() {
        return out.checkError();
    }

    /** Progress at a terminal, over the line that was there; an empty one takes it away. Says nothing where nobody watches. */
    public void progress(String line) {
        if (terminal && !quiet) {
            err.print("\r\u001b[K" + line); // ECMA-48 section 8.3.41: erase to the end of the line
            err.flush();
        }
    }

    /** One line of data. */
    public void print(String line) {
        out.println(line);
    }

    /** Data as it stands, a text that brings its own line ends. */
    public void printRaw(String text) {
        out.print(text);
    }

    public void print(JsonNode json) {
        try {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }

    public void print(Table table) {
        table.lines().forEach(out::println);
    }

    /** To people, unless they asked for quiet. */
    public void say(String message) {
        if (!quiet) {
            err.println("sallyport: " + message);
        }
    }

    /** A line of another process, as it stands, to stderr; what it merely mentions only to those who did not ask for quiet. */
    public void relay(String line) {
        if (!quiet || !line.contains("\"level\":\"info\"")) {
            err.println(line);
        }
    }

    /** {@code text} in the colour, at a terminal that wants colours. */
    public String paint(Colour colour, String text) {
        String off = environment.getOrDefault("NO_COLOR", "");
        return terminal && !noColor && off.isEmpty() ? colour.on(text) : text;
    }

    /** Whether people watch: then progress may be drawn over itself. */
    public boolean terminal() {
        return terminal;
    }

    public Map<String, String> environment() {
        return environment;
    }

    /** Where the administrator's context should be. */
    public Path contextFile() {
        return AdminContext.locate(context, environment);
    }

    /** The one that {@code --context} named. */
    public Optional<Path> givenContext() {
        return context;
    }

    /** The API of the control plane that the context names; to be closed. */
    public ControlPlaneApi api() throws CliException {
        return ControlPlaneApi.of(contextFile(), this::say);
    }

    /** The wrong usage of a command, ends it with {@link ExitCode#USAGE}. */
    public ParameterException usage(String message) {
        return new ParameterException(running(), message);
    }

    /** The command that was named last on the line. */
    private CommandLine running() {
        CommandLine.ParseResult parsed = spec.commandLine().getParseResult();
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return parsed.commandSpec().commandLine();
    }

    /** Asks the user at the terminal; without one nobody can be asked, and {@code --yes} has to say it. */
    public boolean agreed(String question) {
        if (!terminal) {
            throw usage(running().getCommandSpec().qualifiedName() + ": expected --yes where nobody can be asked");
        }
        // The end of the input is a no.
        return Optional.ofNullable(System.console())
                .map(console -> console.readLine("%s [y/N] ", question))
                .filter(answer -> answer.strip().toLowerCase(Locale.ROOT).startsWith("y"))
                .isPresent();
    }

    void fail(String message, List<String> details) {
        err.println("sallyport: " + message);
        details.forEach(err::println);
    }

    /** The version that the launcher started. */
    public static String version() {
        return System.getProperty("sallyport.version", "(not started by its launcher)");
    }

    /** For help and version, which picocli prints. */
    PrintWriter writer() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    void flush() {
        out.flush();
        err.flush();
    }

    /** For {@code --version}. */
    static final class Version implements picocli.CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"sallyport " + version()};
        }
    }
}
