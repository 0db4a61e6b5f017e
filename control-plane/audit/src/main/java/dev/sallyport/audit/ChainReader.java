package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Recomputes the chain of one segment over its stored bytes; memory is bounded by one line. */
final class ChainReader {
    private ChainReader() {}

    /** What the first line must continue: {@code ANY} takes its word for it, as for a file alone. */
    record Start(Optional<String> head, long number) {
        static final Start ANY = new Start(Optional.empty(), -1);
    }

    /**
     * {@code first}, {@code number}: of the first and the last good line, 0 where there is none. {@code skipped}: numbers that the header says a crash took. {@code phase}: of the last
     * good line. {@code goodBytes}: up to its end; {@code writtenBytes}: up to the last byte that is no NUL. {@code badIsTorn}: what is bad is what a crash can leave: it has no line
     * feed, but ends with the file or in NULs, which the disk had not overwritten yet.
     */
    record Result(
            String streamId,
            long lines,
            long records,
            String head,
            long first,
            long number,
            long skipped,
            String phase,
            long goodBytes,
            long writtenBytes,
            Optional<AuditVerifier.BadRecord> bad,
            boolean badIsTorn) {}

    static Result read(Path file, Start start) throws IOException {
        try (LineReader input = LineReader.of(file)) {
            return new Reading(file, start).run(input);
        }
    }

    private static final class Reading {
        private final Path file;
        private final ChainCheck chain;
        private String streamId = "";
        private String phase = "";
        private long first;
        private long skipped;
        private long lines;
        private long records;
        private long goodBytes;
        private long writtenBytes;

        Reading(Path file, Start start) {
            this.file = file;
            this.chain = start.head().isPresent()
                    ? ChainCheck.after(start.head().get(), start.number())
                    : ChainCheck.anywhere();
        }

        Result run(LineReader input) throws IOException {
            while (input.next()) {
                Optional<String> problem = problem(input);
                if (problem.isPresent()) {
                    boolean ended = input.ended();
                    writtenBytes = input.lastWritten();
                    return bad(problem.get(), !ended);
                }
                goodBytes = input.position();
                records += chain.counts() ? 1 : 0;
                lines++;
            }
            if (lines > 0) {
                phase = chain.phase();
            }
            writtenBytes = input.lastWritten();
            if (writtenBytes > goodBytes) {
                return bad("bytes that were never written before it", true);
            }
            return lines == 0 ? bad("empty (expected: a header record)", true) : result(Optional.empty(), false);
        }

        private Optional<String> problem(LineReader line) {
            if (!line.ended()) {
                return Optional.of("cut in the middle (no line feed at its end)");
            }
            if (line.cut()) {
                return Optional.of("longer than " + LineReader.LINE_BYTES_MAX + " bytes");
            }
            Optional<String> problem = chain.problem(line.array(), line.from(), line.to());
            if (problem.isPresent()) {
                return problem;
            }
            return lines == 0 ? ofHeader() : Optional.empty();
        }

        private Optional<String> ofHeader() {
            streamId = chain.streamId();
            first = chain.number();
            skipped = chain.skipped();
            return chain.isOwn() && !streamId.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the first record of a file (expected: its header)");
        }

        private Result bad(String problem, boolean torn) {
            long named = chain.number() >= 0 ? chain.number() + 1 : lines + 1;
            return result(Optional.of(new AuditVerifier.BadRecord(file, lines + 1, named, problem)), torn);
        }

        private Result result(Optional<AuditVerifier.BadRecord> bad, boolean torn) {
            return new Result(
                    streamId,
                    lines,
                    records,
                    chain.head(),
                    first,
                    Math.max(chain.number(), 0),
                    skipped,
                    phase,
                    goodBytes,
                    writtenBytes,
                    bad,
                    torn);
        }
    }
}
