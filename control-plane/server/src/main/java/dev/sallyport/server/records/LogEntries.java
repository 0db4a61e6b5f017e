package dev.sallyport.server.records;

import java.io.IOException;
import java.util.List;

/** What the index reads: the collected log. */
public interface LogEntries {
    /** How many entries are durable and in the log's tree. */
    long size();

    /** The first entry that is still there; what was before it is pruned. */
    long first();

    /** At most {@code max} from {@code from} on, exact bytes, at least one while {@code from} is below {@link #size}. */
    List<byte[]> entries(long from, int max) throws IOException;
}
