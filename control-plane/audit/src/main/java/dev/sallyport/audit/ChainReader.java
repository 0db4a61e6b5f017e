package dev.sallyport.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Recomputes the chain of one file over its stored bytes; memory is bounded by one line. */
final class ChainReader {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ChainReader() {}

    /** What the first line must continue: {@code ANY} takes its word for it, as for a file alone. */
    record Start(Optional<String> head, long number) {
        static final Start ANY = new Start(Optional.empty(), -1);
    }

    /** {@code goodBytes}: up to the end of the last good line. {@code badIsTorn}: what is bad has no line feed, so it is what a crash can leave; nothing can follow it. */
    record Result(
            String streamId,
            long lines,
            long records,
            String head,
            long number,
            long goodBytes,
            Optional<AuditVerifier.BadRecord> bad,
            boolean badIsTorn) {}

    /** What a line says of itself. */
    private record Stated(long number, String previous, String event, String streamId) {}

    static Result read(Path file, Start start) throws IOException {
        try (LineReader input = LineReader.of(file)) {
            return new Reading(file, start).run(input);
        }
    }

    private static final class Reading {
        private final Path file;
        private final HashChain chain = new HashChain(HashChain.GENESIS, 0);
        private Optional<String> head;
        private long number;
        private String streamId = "";
        private long lines;
        private long records;
        private long goodBytes;

        Reading(Path file, Start start) {
            this.file = file;
            this.head = start.head();
            this.number = start.number();
        }

        Result run(LineReader input) throws IOException {
            LineReader.@Nullable Line line;
            while ((line = input.next()) != null) {
                Optional<String> problem = problem(line);
                if (problem.isPresent()) {
                    return bad(problem.get(), !line.ended());
                }
                goodBytes += line.bytes().length + 1;
            }
            return lines == 0 ? bad("empty (expected: a header record)", true) : result(Optional.empty(), false);
        }

        private Optional<String> problem(LineReader.Line line) {
            if (!line.ended()) {
                return Optional.of("cut in the middle (no line feed at its end)");
            }
            return line.cut()
                    ? Optional.of("longer than " + LineReader.LINE_BYTES_MAX + " bytes")
                    : problem(line.bytes());
        }

        private Optional<String> problem(byte[] line) {
            if (!HashChain.wellFormed(line)) {
                return Optional.of("does not end with its hash");
            }
            Stated stated;
            try {
                stated = stated(line);
            } catch (IOException e) {
                return Optional.of("not JSON");
            }
            if (head.isPresent() && !head.get().equals(stated.previous())) {
                return Optional.of("previous hash " + shortened(stated.previous()) + " (expected: "
                        + shortened(head.get()) + ", of the record before)");
            }
            if (number >= 0 && stated.number() != number + 1) {
                return Optional.of("number " + stated.number() + " (expected: " + (number + 1) + ")");
            }
            if (stated.previous().length() != 2 * HashChain.HASH_BYTES || !isHex(stated.previous())) {
                return Optional.of("previous hash is not one");
            }
            String hash = chain.hashOf(stated.previous(), line);
            if (!hash.equals(HashChain.statedHash(line))) {
                return Optional.of("hash " + shortened(HashChain.statedHash(line)) + " (expected: " + shortened(hash)
                        + ", computed over its bytes)");
            }
            if (lines == 0) {
                if (!stated.event().equals(AuditFields.EVENT_LOG)
                        || stated.streamId().isEmpty()) {
                    return Optional.of("the first record of a file (expected: its header)");
                }
                streamId = stated.streamId();
            }
            lines++;
            records += AuditFields.isTraffic(stated.event()) ? 1 : 0;
            head = Optional.of(hash);
            number = stated.number();
            return Optional.empty();
        }

        private Result bad(String problem, boolean torn) {
            long named = number >= 0 ? number + 1 : lines + 1;
            return result(Optional.of(new AuditVerifier.BadRecord(file, lines + 1, named, problem)), torn);
        }

        private Result result(Optional<AuditVerifier.BadRecord> bad, boolean torn) {
            return new Result(
                    streamId,
                    lines,
                    records,
                    head.orElse(HashChain.GENESIS),
                    Math.max(number, 0),
                    goodBytes,
                    bad,
                    torn);
        }
    }

    private static Stated stated(byte[] line) throws IOException {
        long number = -1;
        String previous = "";
        String event = "";
        String stream = "";
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (key) {
                    case AuditFields.NUMBER -> number = parser.getLongValue();
                    case AuditFields.PREVIOUS_HASH -> previous = text(parser);
                    case AuditFields.EVENT_NAME -> event = text(parser);
                    case AuditFields.STREAM_ID -> stream = text(parser);
                    default -> {
                        if (value.isStructStart()) {
                            parser.skipChildren();
                        }
                    }
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("bytes after the object");
            }
        }
        return new Stated(number, previous, event, stream);
    }

    private static String text(JsonParser parser) throws IOException {
        String text = parser.getValueAsString();
        if (text == null) {
            throw new IOException("not a text");
        }
        return text;
    }

    private static boolean isHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** Enough to compare by eye; what a damaged file holds is shown only as hexadecimal digits. */
    private static String shortened(String hash) {
        return hash.length() > 12 && isHex(hash) ? hash.substring(0, 12) + "…" : "that is not one";
    }
}
