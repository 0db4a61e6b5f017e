package dev.sallyport.audit.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The lines before the first empty one, and the bytes behind it: how proofs and requests carry a note. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shown
record TextHead(List<String> lines, byte[] rest) {
    /** An extra line of a proof, and more than any hash. */
    private static final int LINE_BYTES_MAX = 128 * 1024;

    /** Empty when there are more than {@code linesMax} of them, a very long one, or no empty line at all. ISO 8859-1: what is not ASCII will not parse. */
    static Optional<TextHead> of(byte[] bytes, int linesMax) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] != '\n') {
                continue;
            }
            if (at == from) {
                return Optional.of(new TextHead(lines, Arrays.copyOfRange(bytes, at + 1, bytes.length)));
            }
            if (lines.size() == linesMax || at - from > LINE_BYTES_MAX) {
                return Optional.empty();
            }
            lines.add(new String(bytes, from, at - from, StandardCharsets.ISO_8859_1));
            from = at + 1;
        }
        return Optional.empty();
    }
}
