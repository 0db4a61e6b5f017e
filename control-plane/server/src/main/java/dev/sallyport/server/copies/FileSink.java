package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lines in files {@code NAME-00000001.jsonl}, {@code -00000002} and so on, on the disk before {@link #deliver} returns. A file keeps its name and its bytes for good: shippers that follow a
 * folder read a file that was truncated or renamed under them twice, or not to its end. A file that is full, or that ends within a line after a crash, is left, and another begins.
 */
final class FileSink implements Sink {
    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));
    private static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---"));
    private static final long MEBIBYTE = 1024 * 1024;

    private final CopySettings.Files place;
    private final String name;
    private final Pattern form;
    private final Function<ExportRecord, Optional<byte[]>> line;
    private @Nullable FileChannel channel;
    private long number;
    /** Of the live file: what is on the disk for sure. */
    private long good;

    /** {@code line}: without line feed; empty for a record that the format has no words for. */
    FileSink(String name, CopySettings.Files place, Function<ExportRecord, Optional<byte[]>> line) {
        this.name = name;
        this.place = place;
        this.line = line;
        this.form = Pattern.compile(Pattern.quote(name) + "-([0-9]{8,18})\\.jsonl");
    }

    @Override
    public Outcome deliver(List<ExportRecord> batch) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        long leftOut = 0;
        for (ExportRecord record : batch) {
            Optional<byte[]> text = line.apply(record);
            if (text.isPresent()) {
                lines.writeBytes(text.get());
                lines.write('\n');
            } else {
                leftOut++;
            }
        }
        if (lines.size() > 0) {
            write(lines.toByteArray());
        }
        return new Outcome.Taken(List.of(), 0, leftOut);
    }

    private void write(byte[] lines) throws IOException {
        FileChannel file = channel;
        try {
            if (file == null) {
                file = open();
            } else if (good > 0 && good + lines.length > place.mebibytesMax() * MEBIBYTE) {
                file.close();
                file = begin(number + 1);
            }
            channel = file;
            ByteBuffer buffer = ByteBuffer.wrap(lines);
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            file.force(false);
            good += lines.length;
        } catch (IOException e) {
            abandon();
            throw e;
        }
        removeOldest();
    }

    /** The newest one that can be continued, or another. */
    private FileChannel open() throws IOException {
        if (!Files.isDirectory(place.folder())) {
            Files.createDirectories(place.folder(), FOLDER_MODE);
        }
        NavigableMap<Long, Path> files = files();
        if (files.isEmpty()) {
            return begin(Math.max(1, number + 1));
        }
        Path newest = files.lastEntry().getValue();
        FileChannel file = FileChannel.open(
                newest, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        long size = file.size();
        if (size < place.mebibytesMax() * MEBIBYTE && endsWithLine(file, size)) {
            number = files.lastKey();
            good = size;
            return file.position(size);
        }
        file.close();
        return begin(files.lastKey() + 1);
    }

    private static boolean endsWithLine(FileChannel file, long size) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        return size == 0 || file.read(last, size - 1) == 1 && last.get(0) == '\n';
    }

    private FileChannel begin(long next) throws IOException {
        FileChannel file = FileChannel.open(
                file(next), Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE);
        number = next;
        good = 0;
        try (FileChannel names = FileChannel.open(place.folder(), StandardOpenOption.READ)) {
            names.force(true);
        }
        return file;
    }

    private Path file(long of) {
        return place.folder().resolve("%s-%08d.jsonl".formatted(name, of));
    }

    /** What a failed write left is not continued: it may end anywhere. A full disk must not leave a file for each try. */
    private void abandon() throws IOException {
        FileChannel file = channel;
        channel = null;
        if (file != null) {
            file.close();
            if (good == 0) {
                Files.deleteIfExists(file(number));
            }
        }
    }

    private NavigableMap<Long, Path> files() throws IOException {
        NavigableMap<Long, Path> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(place.folder())) {
            for (Path path : paths.toList()) {
                Matcher matcher = form.matcher(String.valueOf(path.getFileName()));
                if (matcher.matches()) {
                    files.put(Long.parseLong(matcher.group(1)), path);
                }
            }
        }
        return files;
    }

    private void removeOldest() throws IOException {
        NavigableMap<Long, Path> files = files();
        while (files.size() > place.files()) {
            Files.deleteIfExists(files.pollFirstEntry().getValue());
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel file = channel;
        channel = null;
        if (file != null) {
            file.close();
        }
    }
}
