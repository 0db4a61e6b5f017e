package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.policy.AddressRange;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One copy as it is configured. {@code fromNow}: a new copy begins at the log's end, not at its oldest entry. */
public record CopySettings(String name, Kind kind, Place place, boolean fromNow, ExportLabels labels) {
    /** In whose words. */
    public enum Kind {
        OTLP,
        LOKI,
        ELASTICSEARCH,
        OCSF,
        LINES;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where to. */
    public sealed interface Place {}

    /** {@code url}: what stands before the kind's own path; {@code index}: of {@link Kind#ELASTICSEARCH}; {@code headersFile}: see {@link HeadersFile}. */
    public record Web(URI url, Optional<Path> headersFile, List<AddressRange> privateAddresses, String index)
            implements Place {
        public Web {
            privateAddresses = List.copyOf(privateAddresses);
        }
    }

    /** Files of at most about {@code mebibytesMax} MiB, the newest {@code files} of them. */
    public record Files(Path folder, int mebibytesMax, int files) implements Place {}
}
