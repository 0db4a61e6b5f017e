package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of a command on a rotation: whom its steps do not wait for. */
final class NotWaitedFor {
    @Option(
            names = "--exclude",
            paramLabel = "NAME",
            description = "do not wait for this SERVICE, SERVICE/INSTANCE or SPIFFE ID; repeatable, on record")
    private List<String> exclude = List.of();

    @Option(names = "--emergency", description = "wait for nobody who is away: they may need new join tokens after it")
    private boolean emergency;

    /** Whether nobody who is away is waited for. */
    boolean emergency() {
        return emergency;
    }

    /** Into what the control plane is asked for. */
    ObjectNode into(ObjectNode body) {
        if (emergency) {
            body.put("emergency", true);
        }
        if (!exclude.isEmpty()) {
            exclude.forEach(body.putArray("exclude")::add);
        }
        return body;
    }
}
