package dev.sallyport.server.copies;

import dev.sallyport.document.HeaderLines;
import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Headers for a sink, as its tokens: {@link HeaderLines} that only their owner may read. Read anew for each request, so that a rotated token needs no restart. No message shows a value. */
record HeadersFile(Path file) {
    /** Names in lower case. IOException: why it cannot be used. */
    Map<String, String> read() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("headersFile: " + file + ": no such file");
        }
        if (PrivateFiles.openToOthers(file)) {
            throw new IOException("headersFile: " + file + " is open to group or others (expected: mode 0600)");
        }
        return HeaderLines.read(file);
    }
}
