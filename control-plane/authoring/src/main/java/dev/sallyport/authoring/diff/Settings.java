package dev.sallyport.authoring.diff;

import dev.sallyport.authoring.diff.Change.Kind;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Paths;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RoutePolicy.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What changed that is not a matter of one caller. Identities, issuers, targets, limits, audit modes and records always count as widening: who may be whom, and what is kept of it,
 * is not for one person to change. Only what can do nothing but deny does not: an issuer, a service or a target that is gone, a denial that is new.
 */
final class Settings {
    private final List<Change> changes = new ArrayList<>();

    private Settings() {}

    static List<Change> between(Side before, Side after) {
        Settings settings = new Settings();
        settings.value("trust domain", before.mesh(), after.mesh(), Mesh::trustDomain);
        settings.observe("mesh", before.mesh().observeUntil(), after.mesh().observeUntil());
        settings.entries(
                "issuer",
                before.mesh().issuers(),
                after.mesh().issuers(),
                true,
                // Its header is a header like others then: nobody looks at it, and nobody takes it away.
                old -> old.tokenHeader().isPresent(),
                (old, now) -> IssuerChanges.between(old, now, after.documents()));
        settings.entries("opa target", before.mesh().opa(), after.mesh().opa(), false, _ -> false, Settings::changed);
        settings.services(before.mesh(), after.mesh(), after.observes());
        settings.denials(before, after);
        Set<String> policies = new TreeSet<>(before.mesh().services().keySet());
        policies.addAll(after.mesh().services().keySet());
        for (String service : policies) {
            settings.observe(
                    "policy of " + service,
                    before.policy(service).flatMap(policy -> policy.observeUntil()),
                    after.policy(service).flatMap(policy -> policy.observeUntil()));
        }
        return settings.changes;
    }

    /** Of the routes that answer to the same requests. */
    static List<Change> ofRoute(String where, Optional<Route> before, Optional<Route> after) {
        Settings settings = new Settings();
        if (before.isPresent() && after.isPresent()) {
            Route old = before.get();
            Route now = after.get();
            settings.value("limit of " + where, old, now, Route::limit);
            if (now.limit().isPresent()
                    && now.limit().equals(old.limit())
                    && !now.name().equals(old.name())) {
                // A route has its own buckets: one that is split in two lets twice as much through.
                settings.add(
                        "limit of " + where,
                        "counted by route " + old.name() + " before; by " + now.name() + " now",
                        true);
            }
            settings.value("audit of " + where, old, now, Route::audit);
            settings.value("record of " + where, old, now, Route::record);
        }
        settings.observe(where, before.flatMap(Route::observeUntil), after.flatMap(Route::observeUntil));
        return settings.changes;
    }

    private <T> void value(String what, T before, T after, Function<T, Object> of) {
        Object old = of.apply(before);
        Object now = of.apply(after);
        if (!old.equals(now)) {
            add(what, "before " + shown(old) + "; now " + shown(now), true);
        }
    }

    private static String shown(Object value) {
        return value instanceof Optional<?> optional
                ? optional.map(Object::toString).orElse("none")
                : value.toString();
    }

    private void observe(String what, Optional<Instant> before, Optional<Instant> after) {
        if (!before.equals(after)) {
            boolean longer = after.isPresent()
                    && before.filter(end -> !after.get().isAfter(end)).isEmpty();
            add(
                    "mode: observe of " + what,
                    after.map(end -> "forwards what no rule allows until " + end)
                            .orElse("no more"),
                    longer);
        }
    }

    /** {@code fresh}: whether one that is new lets more in; {@code gone}: whether one that is no more does. {@code changed}: what is to be said of one that is not the same. */
    private <T> void entries(
            String what,
            Map<String, T> before,
            Map<String, T> after,
            boolean fresh,
            Predicate<T> gone,
            BiFunction<T, T, List<Change>> changed) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            T old = before.get(name);
            T now = after.get(name);
            if (old == null) {
                add(what + " " + name, "new", fresh);
            } else if (now == null) {
                add(what + " " + name, "gone", gone.test(old));
            } else if (!old.equals(now)) {
                changes.addAll(changed.apply(old, now));
            }
        }
    }

    private static List<Change> changed(Mesh.OpaTarget old, Mesh.OpaTarget now) {
        return List.of(new Change(
                Kind.SETTING, List.of(), "opa target " + now.name(), "changed: " + old + " is now " + now, true));
    }

    private void services(Mesh before, Mesh after, boolean observed) {
        Set<String> names = new TreeSet<>(before.services().keySet());
        names.addAll(after.services().keySet());
        for (String name : names) {
            Mesh.Service old = before.services().get(name);
            Mesh.Service now = after.services().get(name);
            if (old == null || now == null) {
                // What a new caller may do, and what an old one no longer may, stands with the routes.
                // … but while mode: observe lasts, no rule need name it.
                add("service " + name, old == null ? "new" : "gone", old == null && observed);
            } else if (!bare(old).equals(bare(now))) {
                add("service " + name, "changed: " + bare(old) + " is now " + bare(now), true);
            }
            if (now != null) {
                relax(now, old == null ? Map.of() : old.relax());
                // Who reads paths otherwise than before means other requests by the same guardrail.
                value("paths of " + name, old == null ? Paths.LOOSEST : old.paths(), now.paths(), Settings::words);
            }
        }
    }

    /** What is told line by line is not told twice. */
    private static Mesh.Service bare(Mesh.Service service) {
        return new Mesh.Service(service.name(), service.identity(), service.ports(), service.endpoints());
    }

    /** A relaxation lets requests through that were refused whatever the rules say: always widening; that it is gone never is. */
    private void relax(Mesh.Service service, Map<Integer, Relaxations> before) {
        Set<Integer> ports = new TreeSet<>(before.keySet());
        ports.addAll(service.relax().keySet());
        for (int port : ports) {
            Set<String> old = named(before.getOrDefault(port, Relaxations.NONE));
            Set<String> now = named(service.relaxed(port));
            String subject = "relax of " + service.name() + " " + port;
            now.stream()
                    .filter(name -> !old.contains(name))
                    .forEach(name -> add(subject, name + " passes from now on", true));
            old.stream()
                    .filter(name -> !now.contains(name))
                    .forEach(name -> add(subject, name + " passes no more", false));
        }
    }

    private static String words(Paths paths) {
        return "case " + (paths.caseSensitive() ? "sensitive" : "insensitive") + ", trailingSlash "
                + (paths.trailingSlashSignificant() ? "significant" : "ignored");
    }

    /** In the words of the language. */
    private static Set<String> named(Relaxations relaxations) {
        Set<String> names = new LinkedHashSet<>();
        if (relaxations.encodedSlash()) {
            names.add("encodedSlash");
        }
        if (relaxations.emptySegments()) {
            names.add("emptySegments");
        }
        if (relaxations.matrixParameters()) {
            names.add("matrixParameters");
        }
        relaxations.overrideHeaders().forEach(header -> names.add("header " + header));
        return names;
    }

    private void denials(Side before, Side after) {
        Map<String, ?> old = before.denials();
        Map<String, ?> now = after.denials();
        Set<String> names = new TreeSet<>(old.keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            if (!now.containsKey(name)) {
                add("guardrail " + name, "denies no more", true);
            } else if (!old.containsKey(name)) {
                add("guardrail " + name, "denies from now on", false);
            } else if (!Objects.equals(old.get(name), now.get(name))) {
                add("guardrail " + name, "denies something else", true);
            }
        }
    }

    private void add(String subject, String detail, boolean widening) {
        changes.add(new Change(Kind.SETTING, List.of(), subject, detail, widening));
    }
}
