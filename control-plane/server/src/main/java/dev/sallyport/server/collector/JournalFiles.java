package dev.sallyport.server.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The journal's files as a start finds them: {@code NUMBER-BASE.journal}, where BASE is the index of the first leaf in it. */
final class JournalFiles {
    private static final Pattern NAME = Pattern.compile("([0-9]{10})-([0-9]{19})\\.journal");

    /** One file by its name. */
    record Name(Path path, long number, long base) {
        static Name of(Path folder, long number, long base) {
            return new Name(folder.resolve("%010d-%019d.journal".formatted(number, base)), number, base);
        }
    }

    /** The frames that the tiled log does not have, in order; {@code last}: the newest file's number, 0 without one. */
    record Found(List<Frame> frames, List<Name> files, long last) {}

    private JournalFiles() {}

    static List<Name> list(Path folder) throws IOException {
        List<Name> names = new ArrayList<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.sorted().toList()) {
                Matcher matcher = NAME.matcher(String.valueOf(path.getFileName()));
                if (matcher.matches()) {
                    names.add(new Name(path, Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))));
                }
            }
        }
        return names;
    }

    /** {@code logSize}: what the tiled log has. IOException: something is missing or damaged that somebody got a receipt for. */
    static Found read(Path folder, long logSize) throws IOException {
        List<Name> files = list(folder);
        List<Frame> frames = new ArrayList<>();
        long end = logSize;
        for (int i = 0; i < files.size(); i++) {
            Name file = files.get(i);
            if (file.base() > end) {
                throw new IOException(
                        file.path() + ": begins with leaf " + file.base() + " (expected: at most " + end
                                + ", which follows what the tiled log and the journal before it have; restore the newer copy of both)");
            }
            // What the file before has beyond this one's base was never answered: its write had failed.
            Optional<Long> until =
                    i + 1 < files.size() ? Optional.of(files.get(i + 1).base()) : Optional.empty();
            for (Frame frame : frames(file, until)) {
                if (frame.end() > end) {
                    frames.add(frame);
                    end = frame.end();
                }
            }
        }
        return new Found(frames, files, files.isEmpty() ? 0 : files.getLast().number());
    }

    private static List<Frame> frames(Name file, Optional<Long> until) throws IOException {
        ByteBuffer bytes = content(file.path());
        List<Frame> frames = new ArrayList<>();
        long index = file.base();
        int at = 0;
        while (at < bytes.limit() && index < until.orElse(Long.MAX_VALUE)) {
            Optional<FrameBytes.Read> read = FrameBytes.read(bytes, at);
            if (read.isEmpty()) {
                if (FrameBytes.wasForced(bytes, at)) {
                    throw new IOException(file.path() + ": damaged at byte " + at + ", where leaf " + index
                            + " began (expected: whole, as it was when it was answered)");
                }
                break;
            }
            Frame frame = Frame.of(index, read.get().leaves());
            frames.add(frame);
            index = frame.end();
            at = read.get().end();
        }
        return frames;
    }

    private static ByteBuffer content(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.size() == 0
                    ? ByteBuffer.allocate(0)
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
    }
}
