package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Mesh as decisions need it: identities interned to small integers, issuers by name. Immutable once built; any thread. */
final class MeshIndex {
    static final int UNKNOWN = -1;

    private final Mesh mesh;
    private final Map<SpiffeId, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Mesh.Issuer> issuers;
    private final Map<Callers, CallerSet> interned = new HashMap<>(); // while compiling only

    MeshIndex(Mesh mesh) {
        this.mesh = mesh;
        this.issuers = new HashMap<>(mesh.issuers());
        mesh.services().forEach((name, declared) -> {
            numbers.put(declared.identity(), names.size());
            names.add(name);
        });
    }

    Mesh mesh() {
        return mesh;
    }

    /** {@link #UNKNOWN} for nobody, and for an identity that the Mesh does not declare. Compared exactly. */
    int number(Optional<SpiffeId> caller) {
        Integer number = caller.isPresent() ? numbers.get(caller.get()) : null;
        return number == null ? UNKNOWN : number;
    }

    /** The service of a known caller. */
    String name(int caller) {
        return names.get(caller);
    }

    int size() {
        return names.size();
    }

    Optional<Mesh.Issuer> issuer(String name) {
        return Optional.ofNullable(issuers.get(name));
    }

    /** Equal callers are one set. */
    CallerSet set(Callers callers) {
        return interned.computeIfAbsent(callers, _ -> {
            CallerSet set = new CallerSet(names.size());
            if (callers.anyMesh()) {
                set.addAll();
            }
            callers.identities().stream()
                    .map(numbers::get)
                    .filter(number -> number != null)
                    .forEach(set::add);
            return set;
        });
    }
}
