package dev.sallyport.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Reads a stream's forced lines beside its writer, who does not notice. Every line is held against its chain once more before it leaves: what was changed on this disk is found here,
 * not at the collector. A stretch lies within one segment, so it begins behind numbers that a crash took, never around them. One thread.
 */
final class LogShipping implements Shipping {
    private final StreamFolder stream;
    /** Where the line after the last stretch stands; what {@link #after} is asked for usually. */
    private Cursor cursor = new Cursor(0, 0, -1, HashChain.GENESIS);

    /** Segments that somebody deleted: each is said once, and then left out, so that what came after them still leaves. A receipt for later lines forgets them. */
    private final NavigableSet<Integer> gone = new TreeSet<>();

    /** {@code offset}: in the segment, behind the line {@code number}, whose hash is {@code head}. */
    private record Cursor(int file, long offset, long number, String head) {}

    LogShipping(StreamFolder stream) {
        this.stream = stream;
    }

    @Override
    public String streamId() {
        return stream.id();
    }

    @Override
    public long received() {
        return stream.received().value();
    }

    @Override
    public void received(long number) throws IOException {
        checkThere();
        if (number > stream.segments().forced().number()) {
            throw new IllegalArgumentException("received: " + number + " (expected: at most "
                    + stream.segments().forced().number() + ", the last one on disk)");
        }
        // First the cursor: a segment that is gone is explained by it.
        stream.received().raise(number);
        stream.segments().free(number);
        stream.segments().first().ifPresent(first -> gone.headSet(first.file()).clear());
    }

    @Override
    public Optional<Stretch> after(long number, int bytesMax) throws IOException {
        checkThere();
        if (bytesMax < LineReader.LINE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "bytesMax: " + bytesMax + " (expected: at least " + LineReader.LINE_BYTES_MAX + ", a line)");
        }
        Segments.Forced forced = stream.segments().forced();
        if (number >= forced.number()) {
            return Optional.empty();
        }
        Segments.Segment segment = stream.segments()
                .holding(number)
                .orElseThrow(() -> new IOException("audit log: no segment holds number " + (number + 1)));
        if (stream.segments().first().isPresent()
                && stream.segments().first().get().first() > number + 1
                && received() > number) {
            throw new IOException("audit log: numbers " + (number + 1) + " to "
                    + (stream.segments().first().get().first() - 1) + " are gone: a collector has received them");
        }
        while (true) {
            Optional<Stretch> stretch =
                    gone.contains(segment.file()) ? Optional.empty() : read(segment, forced, number, bytesMax);
            if (stretch.isPresent()) {
                return stretch;
            }
            Optional<Segments.Segment> next = stream.segments().next(segment);
            if (next.isEmpty() || segment.file() >= forced.file()) {
                return Optional.empty();
            }
            segment = next.get();
        }
    }

    /** What stands at its path now may be another stream: that one's files are not ours to read or to delete. */
    private void checkThere() throws IOException {
        if (stream.isLost()) {
            throw new IOException(
                    "audit log " + stream.path() + ": taken away (expected: the folder of stream " + stream.id() + ")");
        }
    }

    private Optional<Stretch> read(Segments.Segment segment, Segments.Forced forced, long number, int bytesMax)
            throws IOException {
        Path file = LogFolder.file(stream.path(), segment.file());
        boolean known = cursor.file() == segment.file() && cursor.number() == number;
        ChainCheck chain = known ? ChainCheck.after(cursor.head(), number) : ChainCheck.anywhere();
        long end = segment.file() == forced.file() ? forced.bytes() : segment.bytes();
        long from = known ? cursor.offset() : 0;
        if (from >= end) {
            return Optional.empty();
        }
        try (LineReader lines = LineReader.of(file, from, end)) {
            return collect(segment, lines, chain, number, bytesMax, end);
        } catch (NoSuchFileException e) {
            gone.add(segment.file());
            throw new IOException(file + ": gone before a collector received it", e);
        }
    }

    private Optional<Stretch> collect(
            Segments.Segment segment, LineReader lines, ChainCheck chain, long number, int bytesMax, long end)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long first = 0;
        long last = 0;
        String previous = chain.head();
        String head = previous;
        long offset = 0;
        while (lines.next()) {
            int length = lines.to() - lines.from() + 1;
            if (bytes.size() + length > bytesMax) {
                break;
            }
            Optional<String> problem = lines.ended()
                    ? chain.problem(lines.array(), lines.from(), lines.to())
                    : Optional.of("cut in the middle");
            if (problem.isPresent()) {
                throw new IOException(LogFolder.file(stream.path(), segment.file()) + ": after number "
                        + Math.max(chain.number(), 0) + ": " + problem.get());
            }
            if (chain.number() > number) {
                if (first == 0) {
                    first = chain.number();
                    previous = chain.previousHash();
                }
                bytes.write(lines.array(), lines.from(), length);
                last = chain.number();
                head = chain.head();
                offset = lines.position();
            }
        }
        if (bytes.size() == 0) {
            if (lines.position() < end) {
                throw new IOException(LogFolder.file(stream.path(), segment.file()) + ": ends at byte "
                        + lines.position() + " (expected: " + end + ")");
            }
            return Optional.empty();
        }
        cursor = new Cursor(segment.file(), offset, last, head);
        return Optional.of(new Stretch(first, last, previous, head, bytes.toByteArray()));
    }
}
