package dev.sallyport.server;

import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Command line and environment, as the mapping that a configuration file would be: {@code --leaf-life 1h} and {@code SALLYPORT_LEAF_LIFE=1h} are {@code leafLife: 1h}, so that one
 * strict reader judges all three, and every problem is found at once.
 */
record Flags(Optional<Path> config, boolean endWithStdin, Map<String, Node.Entry> values) {
    static final List<String> TEXTS = List.of(
            "state",
            "documents",
            "trust-domain",
            "mesh-name",
            "sidecars",
            "enrolment",
            "monitoring",
            "api",
            "advertise",
            "key-file",
            "leaf-life",
            "outage-minimum",
            "authority",
            "vault");
    static final String DEV = "dev";

    /** Flags win over the environment. */
    static Flags parse(String[] arguments, Map<String, String> environment) throws StartException {
        Map<String, Node.Entry> values = new LinkedHashMap<>();
        for (String name : TEXTS) {
            fromEnvironment(environment, name, values);
        }
        fromEnvironment(environment, DEV, values);
        Optional<Path> config =
                Optional.ofNullable(environment.get("SALLYPORT_CONFIG")).map(Path::of);
        boolean endWithStdin = false;
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            String name = argument.startsWith("--") ? argument.substring(2) : "";
            if (name.equals("end-with-stdin")) {
                endWithStdin = true;
            } else if (name.equals(DEV)) {
                values.put(DEV, entry(argument, "true"));
            } else if (TEXTS.contains(name) || name.equals("config")) {
                if (++i == arguments.length) {
                    throw new StartException(
                            StartException.USAGE, argument + ": no value (expected: " + argument + " VALUE)");
                }
                if (name.equals("config")) {
                    config = Optional.of(Path.of(arguments[i]));
                } else {
                    values.put(key(name), entry(argument, arguments[i]));
                }
            } else {
                throw new StartException(
                        StartException.USAGE,
                        argument + ": unknown (expected: --state --config --documents --dev --end-with-stdin --"
                                + String.join(" --", TEXTS.subList(2, TEXTS.size())) + ")");
            }
        }
        return new Flags(config, endWithStdin, values);
    }

    private static void fromEnvironment(Map<String, String> environment, String name, Map<String, Node.Entry> values) {
        String variable = "SALLYPORT_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
        Optional.ofNullable(environment.get(variable))
                .ifPresent(value -> values.put(key(name), entry(variable, value)));
    }

    /** {@code leaf-life} → {@code leafLife}. */
    private static String key(String name) {
        StringBuilder key = new StringBuilder();
        for (String word : name.split("-", -1)) {
            key.append(key.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return key.toString();
    }

    private static Node.Entry entry(String where, String value) {
        Location location = new Location(where, 1, 1);
        return new Node.Entry(location, new Node.Scalar(location, value, false));
    }
}
