package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where the demo's processes tell their metrics, for {@code file_sd_configs} of a Prometheus, under the jobs' names that dashboards and alerts go by. */
final class ScrapeTargets {
    private final ArrayNode targets = Invocation.JSON.createArrayNode();

    ScrapeTargets controlPlane(String address) {
        add(address, "sallyport-control-plane");
        return this;
    }

    ScrapeTargets sidecar(String service, String address) {
        add(address, "sallyport-sidecar").put("service", service);
        return this;
    }

    private ObjectNode add(String address, String job) {
        ObjectNode target = targets.addObject();
        target.putArray("targets").add(address);
        return target.putObject("labels").put("job", job);
    }

    /** Whole at once: Prometheus watches the file. */
    void write(Path file) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, targets.toPrettyString() + "\n");
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
