package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A set of documents that a command is about, and what to call it: files and folders, or what the control plane has in force. */
record Given(WorkingTree tree, String name) {
    /** {@code paths} together are one set. */
    static Given of(List<Path> paths, Instant now) throws IOException, InvalidDocumentException {
        List<Source> sources = Source.readAll(paths);
        String name = paths.stream().map(Path::toString).collect(Collectors.joining(" "));
        return new Given(WorkingTree.load(sources, now), name);
    }

    /** The set in force, read by the control plane's API. */
    static Given inForce(Invocation invocation, Instant now) throws CliException, InvalidDocumentException {
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode listing = api.documents();
            List<Source> sources = new ArrayList<>();
            for (JsonNode document : listing.path("documents")) {
                String kind = document.path("kind").asText();
                String name = document.path("name").asText();
                sources.add(new Source(kind + "/" + name + ".yaml", api.document(kind, name)));
            }
            return new Given(
                    WorkingTree.load(sources, now),
                    "revision " + listing.path("revision").asLong());
        }
    }

    /** {@code paths}, or without any the set in force. */
    static Given ofOrInForce(List<Path> paths, Invocation invocation, Instant now)
            throws CliException, IOException, InvalidDocumentException {
        return paths.isEmpty() ? inForce(invocation, now) : of(paths, now);
    }
}
