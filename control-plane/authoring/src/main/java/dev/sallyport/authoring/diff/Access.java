package dev.sallyport.authoring.diff;

import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A caller that some rule may allow a request of a route, and what else must hold: {@code demands} in the words of the language. A guardrail that surely denies is taken into account;
 * one that asks for more is not told here, {@code explain} does.
 */
public record Access(String caller, String service, String request, String rule, String demands) {
    /** Who may make such a request: {@code request} is {@code METHOD /path}, {@code tcp 5432}, or a template of a route as it is written; empty {@code service} means every one. */
    public static List<Access> whoCan(DocumentSet set, String request, Optional<String> service, Instant now) {
        return all(set, now).stream()
                .filter(access -> service.isEmpty() || access.service().equals(service.get()))
                .filter(access -> Requested.of(request).isMeantBy(access.request()))
                .toList();
    }

    /** What a service of the Mesh may call. */
    public static List<Access> whatCan(DocumentSet set, String caller, Instant now) {
        return all(set, now).stream()
                .filter(access -> access.caller().equals(caller))
                .toList();
    }

    /** By service, then by request, then by caller. */
    private static List<Access> all(DocumentSet set, Instant now) {
        Side side = new Side(set, now);
        Set<Access> found = new LinkedHashSet<>();
        set.policies()
                .keySet()
                .forEach(service -> Cells.of(
                                side.policy(service),
                                Optional.empty(),
                                side.guarded().toList(),
                                side.emptySegments(service))
                        .forEach(cell -> {
                            Optional<Side.Routed> route = side.route(service, cell);
                            for (String caller : set.mesh().services().keySet()) {
                                side.grants(service, cell, route, caller)
                                        .forEach(granted -> found.add(new Access(
                                                caller,
                                                service,
                                                cell.label(),
                                                granted.ref().toString(),
                                                Wording.demands(granted))));
                            }
                        }));
        return List.copyOf(found);
    }
}
