package dev.sallyport.proxy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The sidecar's few flags, parsed by hand so that its class path stays small. Each stands for one key of the configuration file, and {@code SALLYPORT_} with its name in capitals is
 * the variable for the same key.
 */
record Flags(Optional<Path> config, List<Setting> settings, boolean endWithStdin, boolean help) {
    /** A value for a key of the configuration file, and where it came from ({@code --inbound}, {@code SALLYPORT_INBOUND}). */
    record Setting(List<String> key, String value, String origin) {}

    /** What a flag sets; {@code text} for {@code --help}. */
    private record Flag(String name, String argument, List<String> key, boolean path, String text) {
        String variable() {
            return "SALLYPORT_" + name.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        }
    }

    private static final String CONFIG = "--config";
    private static final String UPSTREAM = "--upstream";
    private static final String END_WITH_STDIN = "--end-with-stdin";
    private static final String HELP = "--help";

    private static final List<Flag> FLAGS = List.of(
            new Flag("--service", "NAME", List.of("service"), false, "this service's name in the Mesh document"),
            new Flag("--application", "HOST:PORT", List.of("application"), false, "where inbound requests go"),
            new Flag(
                    "--state",
                    "DIR",
                    List.of("stateDirectory"),
                    true,
                    "certificate, snapshots and audit log; mode 0700"),
            new Flag(
                    "--join-file",
                    "FILE",
                    List.of("controlPlane", "joinTokenFile"),
                    true,
                    "what `sallyport token create` wrote; waited for when absent"),
            new Flag("--inbound", "HOST:PORT", List.of("inbound", "listen"), false, "mTLS from other sidecars"),
            new Flag(
                    "--outbound",
                    "HOST:PORT",
                    List.of("outbound", "listen"),
                    false,
                    "plain HTTP from the application, destination by Host"),
            new Flag(
                    UPSTREAM,
                    "NAME=HOST:PORT",
                    List.of("outbound", "upstreams"),
                    false,
                    "a loopback listener for one destination; repeatable"),
            new Flag(
                    "--admin",
                    "HOST:PORT",
                    List.of("admin", "listen"),
                    false,
                    "certificates, configuration, connections; loopback only"),
            new Flag("--metrics", "HOST:PORT", List.of("metrics", "listen"), false, "Prometheus metrics"),
            new Flag("--health", "HOST:PORT", List.of("health", "listen"), false, "liveness and readiness"));

    /** {@code arguments} and {@code environment} as the process got them; settings of the environment come first, so that flags win. */
    static Flags parse(List<String> arguments, Map<String, String> environment) throws UsageException {
        List<Setting> settings = new ArrayList<>();
        for (Flag flag : FLAGS) {
            String value = environment.get(flag.variable());
            if (value != null && !value.isEmpty()) {
                for (String part : flag.name.equals(UPSTREAM) ? List.of(value.split(",", -1)) : List.of(value)) {
                    settings.add(setting(flag, part, flag.variable()));
                }
            }
        }
        Optional<Path> config = Optional.ofNullable(environment.get("SALLYPORT_CONFIG"))
                .filter(v -> !v.isEmpty())
                .map(Path::of);
        boolean endWithStdin = false;
        boolean help = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (equals < 0 && (name.equals(HELP) || name.equals("-h"))) {
                help = true;
            } else if (equals < 0 && name.equals(END_WITH_STDIN)) {
                endWithStdin = true;
            } else {
                Optional<Flag> flag =
                        FLAGS.stream().filter(f -> f.name.equals(name)).findFirst();
                if (flag.isEmpty() && !name.equals(CONFIG)) {
                    throw new UsageException(name + ": unknown flag (expected: " + nearest(name)
                            + "? `sallyport proxy --help` lists all)");
                }
                if (equals < 0 && ++i == arguments.size()) {
                    throw new UsageException(name + ": its value is missing (expected: " + name + " "
                            + flag.map(Flag::argument).orElse("FILE") + ")");
                }
                String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
                if (flag.isPresent()) {
                    settings.add(setting(flag.get(), value, name));
                } else {
                    config = Optional.of(Path.of(value));
                }
            }
        }
        return new Flags(config, List.copyOf(settings), endWithStdin, help);
    }

    private static Setting setting(Flag flag, String value, String origin) throws UsageException {
        if (flag.name.equals(UPSTREAM)) {
            int equals = value.indexOf('=');
            if (equals <= 0) {
                throw new UsageException(origin + ": " + value + " (expected: NAME=HOST:PORT)");
            }
            List<String> key = new ArrayList<>(flag.key);
            key.add(value.substring(0, equals));
            return new Setting(List.copyOf(key), value.substring(equals + 1), origin);
        }
        // Relative to where the command was typed, while paths inside the file are relative to the file.
        return new Setting(
                flag.key,
                flag.path && !value.isEmpty() ? Path.of(value).toAbsolutePath().toString() : value,
                origin);
    }

    private static String nearest(String name) {
        List<String> names = new ArrayList<>(FLAGS.stream().map(Flag::name).toList());
        names.addAll(List.of(CONFIG, END_WITH_STDIN, HELP));
        return names.stream()
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .orElse(HELP);
    }

    /** Levenshtein: insertions, deletions and replacements that make one word the other. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    static String usage() {
        StringBuilder text = new StringBuilder("""
                Usage: sallyport proxy --config FILE [flags]

                       sallyport proxy config|stats|certs|log-level|drain [--help]

                The sidecar of one service. A flag wins over its SALLYPORT_* variable, that over the file.
                The words of the second line ask one that runs here.

                """);
        line(text, CONFIG + " FILE", "the configuration (YAML)");
        FLAGS.forEach(flag -> line(text, flag.name + " " + flag.argument, flag.text + " (" + flag.variable() + ")"));
        line(text, END_WITH_STDIN, "stop cleanly when standard input ends");
        line(text, HELP, "this text");
        text.append("""

                Exit codes: 0 stopped, 1 failure, 2 usage, 3 invalid configuration, 7 timeout waiting to join.
                """);
        return text.toString();
    }

    private static void line(StringBuilder text, String left, String right) {
        text.append(String.format(Locale.ROOT, "  %-26s %s%n", left, right));
    }
}
