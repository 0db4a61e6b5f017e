package dev.sallyport.proxy.trace;

/** {@code ExportTraceServiceResponse}: how many spans of a batch the collector did not take. Its message is not read: it is a stranger's text. */
final class PartialSuccess {
    private final byte[] bytes;
    private int at;

    private PartialSuccess(byte[] bytes) {
        this.bytes = bytes;
    }

    /** {@code rejected_spans} of {@code partial_success}; 0 for whatever is no such message, as an answer in JSON. */
    static long rejected(byte[] answer) {
        return new PartialSuccess(answer).field(answer.length, 2);
    }

    /** Field 1 of [{@link #at}, {@code end}): a number inside, {@code depth} 1, or the message that holds it. */
    private long field(int end, int depth) {
        while (at < end) {
            long tag = varint(end);
            switch ((int) tag & 7) {
                case 0 -> {
                    long value = varint(end);
                    if (tag == 1 << 3 && depth == 1) {
                        return Math.max(0, value);
                    }
                }
                case 2 -> {
                    long length = varint(end);
                    if (length < 0 || length > end - at) {
                        return 0;
                    }
                    if (tag == (1 << 3 | 2) && depth == 2) {
                        return field(at + (int) length, 1);
                    }
                    at += (int) length;
                }
                default -> {
                    return 0;
                }
            }
        }
        return 0;
    }

    /** What does not end in time is as large as nothing can be. */
    private long varint(int end) {
        long value = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7) {
            byte octet = bytes[at++];
            value |= (octet & 0x7fL) << shift;
            if (octet >= 0) {
                return value;
            }
        }
        at = end;
        return -1;
    }
}
