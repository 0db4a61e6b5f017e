package dev.sallyport.server;

import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.server.issuance.KubernetesSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Who may enrol beside those with join tokens, and for how long which service's certificates count ({@code leafLives: {payment: 1h}}; all others have the one life). */
record IssuanceSettings(Map<String, Duration> leafLives, Optional<KubernetesSettings> kubernetes) {
    static final IssuanceSettings NONE = new IssuanceSettings(Map.of(), Optional.empty());

    IssuanceSettings {
        leafLives = Map.copyOf(leafLives);
    }

    /** {@code path}: relative paths to absolute ones. */
    static IssuanceSettings read(Fields root, UnaryOperator<Path> path, Duration min, Duration max) {
        return new IssuanceSettings(
                lives(root, min, max),
                root.optionalFields("kubernetes").map(fields -> KubernetesSettings.read(fields, path)));
    }

    private static Map<String, Duration> lives(Fields root, Duration min, Duration max) {
        Map<String, Duration> lives = new LinkedHashMap<>();
        root.node("leafLives").ifPresent(node -> {
            Fields byService = Fields.of(node, root.path("leafLives"), root.problems());
            if (node instanceof Node.Mapping mapping) {
                mapping.entries()
                        .keySet()
                        .forEach(service -> byService
                                .optionalDuration(service, min, max)
                                .ifPresent(life -> lives.put(service, life)));
            }
            byService.done();
        });
        return lives;
    }
}
