package dev.sallyport.audit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A number that only rises, in a file of two sectors that are written in turn: a crash leaves the old one or the new one. Each is a line of text: 19 digits, a space, the CRC-32 of
 * the digits as 8 hex digits. Any thread.
 */
final class DurableNumber implements Closeable {
    private static final int SECTOR = 512;
    private static final int DIGITS = 19;
    private static final int LINE = DIGITS + 1 + 8 + 1;

    private final FileChannel channel;
    private volatile long value;
    /** The sector that is written next: never the one that the disk is known to have. */
    private int turn;

    private DurableNumber(FileChannel channel, long value, int turn) {
        this.channel = channel;
        this.value = value;
        this.turn = turn;
    }

    /** A file that is not there, or that nobody can read any more, is {@code otherwise}; the disk has it when this returns. */
    static DurableNumber open(Path file, long otherwise) throws IOException {
        Sectors sectors = sectors(file);
        OptionalLong stored = sectors.larger();
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), DiskStorage.FILE_MODE);
        try {
            DurableNumber number = new DurableNumber(channel, stored.orElse(otherwise), sectors.newest() ^ 1);
            if (stored.isEmpty()) {
                number.write(otherwise);
                number.turn ^= 1;
                number.write(otherwise);
                channel.force(true);
                LogFolder.forceNames(file.resolveSibling("."));
            }
            return number;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** What the file holds; nothing where it is not there or nobody can read it. */
    static OptionalLong read(Path file) throws IOException {
        return sectors(file).larger();
    }

    /** Those that are whole. */
    private record Sectors(OptionalLong first, OptionalLong second) {
        OptionalLong larger() {
            return newest() == 0 ? first : second;
        }

        int newest() {
            return first.orElse(-1) >= second.orElse(-1) ? 0 : 1;
        }
    }

    private static Sectors sectors(Path file) throws IOException {
        byte[] bytes = {};
        if (Files.isRegularFile(file)) {
            try (var input = Files.newInputStream(file)) {
                bytes = input.readNBytes(2 * SECTOR);
            }
        }
        return new Sectors(parse(bytes, 0), parse(bytes, SECTOR));
    }

    long value() {
        return value;
    }

    /** The disk has it when this returns; of a smaller number nothing happens. After an IOException the next attempt writes anew: it relies on nothing that was not forced. */
    synchronized void raise(long to) throws IOException {
        if (to > value) {
            write(to);
            channel.force(false);
            turn ^= 1; // Only now: until then the other sector is the one that the disk is known to have.
            value = to;
        }
    }

    private void write(long number) throws IOException {
        String digits = "%019d".formatted(number);
        ByteBuffer sector = ByteBuffer.allocate(SECTOR)
                .put((digits + " " + checksum(digits) + "\n").getBytes(StandardCharsets.US_ASCII))
                .rewind();
        for (long at = (long) turn * SECTOR; sector.hasRemaining(); ) {
            at += channel.write(sector, at);
        }
    }

    private static OptionalLong parse(byte[] bytes, int from) {
        if (bytes.length < from + LINE) {
            return OptionalLong.empty();
        }
        String line = new String(Arrays.copyOfRange(bytes, from, from + LINE), StandardCharsets.ISO_8859_1);
        String digits = line.substring(0, DIGITS);
        boolean whole = digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && line.equals(digits + " " + checksum(digits) + "\n");
        try {
            return whole ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // 19 nines: beyond any number of ours.
        }
    }

    private static String checksum(String digits) {
        CRC32 crc = new CRC32();
        crc.update(digits.getBytes(StandardCharsets.US_ASCII));
        return "%08x".formatted(crc.getValue());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
