package dev.sallyport.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Up to 256 entries, each behind its length as a big-endian uint16. */
final class EntryBundle {
    /** What a length can say. */
    static final int ENTRY_BYTES_MAX = 0xffff;

    private EntryBundle() {}

    static void append(ByteArrayOutputStream bundle, byte[] entry) {
        bundle.write(entry.length >> 8);
        bundle.write(entry.length);
        bundle.write(entry, 0, entry.length);
    }

    /** The first {@code count} entries; empty when there are fewer, or the last one is cut. */
    static Optional<List<byte[]>> entries(byte[] bundle, int count) {
        List<byte[]> entries = new ArrayList<>(count);
        int at = 0;
        while (entries.size() < count) {
            int end = end(bundle, at);
            if (end < 0) {
                return Optional.empty();
            }
            entries.add(Arrays.copyOfRange(bundle, at + 2, end));
            at = end;
        }
        return Optional.of(entries);
    }

    /** Where the entry whose length stands at {@code at} ends; -1 when the bundle ends before. */
    static int end(byte[] bundle, int at) {
        if (bundle.length - at < 2) {
            return -1;
        }
        int length = (bundle[at] & 0xff) << 8 | bundle[at + 1] & 0xff;
        return length <= bundle.length - at - 2 ? at + 2 + length : -1;
    }
}
