package dev.sallyport.demo;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@code --name value} pairs and {@code --switch}es of one command line; whatever is not expected is an error. */
final class Flags {
    /** Says what is wrong with the command line; ends the process with exit code 2. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    private final Map<String, String> values = new HashMap<>();
    private final Set<String> expected;

    private Flags(Set<String> expected) {
        this.expected = expected;
    }

    static Flags parse(String[] args, Set<String> valued, Set<String> switches) throws UsageException {
        Flags flags = new Flags(valued);
        for (int i = 0; i < args.length; i++) {
            String name = args[i];
            if (switches.contains(name)) {
                flags.values.put(name, "true");
            } else if (valued.contains(name) && i + 1 < args.length) {
                flags.values.put(name, args[++i]);
            } else {
                throw new UsageException(name + " (expected: " + String.join(", ", new TreeSet<>(valued))
                        + " with a value, or " + String.join(", ", switches) + ")");
            }
        }
        return flags;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<String> optional(String name) {
        return Optional.ofNullable(values.get(name));
    }

    String required(String name) throws UsageException {
        return optional(name)
                .orElseThrow(
                        () -> new UsageException(name + ": missing (expected: of " + new TreeSet<>(expected) + ")"));
    }

    /** {@code 127.0.0.1:0}: loopback only, for nothing here is fit for a network. */
    InetSocketAddress loopback(String name) throws UsageException {
        String text = required(name);
        int colon = text.lastIndexOf(':');
        try {
            InetSocketAddress address = new InetSocketAddress(
                    text.substring(0, Math.max(colon, 0)), Integer.parseInt(text.substring(colon + 1)));
            if (colon > 0 && !address.isUnresolved() && address.getAddress().isLoopbackAddress()) {
                return address;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same message as below
        }
        throw new UsageException(name + ": " + text + " (expected: a loopback address and port, as 127.0.0.1:0)");
    }
}
