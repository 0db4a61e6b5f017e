package dev.sallyport.server.copies;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a copy is: the sink has every entry before index {@code next}, and {@code last} is the SHA-256 of the one before it, so that a cursor can tell its log from another one. In a
 * file of one line, replaced as a whole.
 */
record Cursor(long next, String last) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64}|-)\n");
    private static final String FILE = "cursor";

    /** Before any entry. */
    static Cursor at(long next) {
        return new Cursor(next, "-");
    }

    static Cursor after(long index, byte[] entry) {
        return new Cursor(index + 1, hash(entry));
    }

    /** Whether {@code entry} is the one before {@link #next}, as far as the cursor knows. */
    boolean follows(byte[] entry) {
        return last.equals("-") || last.equals(hash(entry));
    }

    /** What a folder holds. {@code Unreadable}: there is a file, and it is no cursor. */
    sealed interface Stored {
        record Absent() implements Stored {}

        record Unreadable() implements Stored {}

        record Found(Cursor cursor) implements Stored {}
    }

    static Stored read(Path folder) throws IOException {
        try {
            Matcher matcher = FORM.matcher(Files.readString(folder.resolve(FILE), StandardCharsets.ISO_8859_1));
            return matcher.matches()
                    ? new Stored.Found(new Cursor(Long.parseLong(matcher.group(1)), matcher.group(2)))
                    : new Stored.Unreadable();
        } catch (NoSuchFileException e) {
            return new Stored.Absent();
        }
    }

    /** The disk has it when this returns, and its name. */
    void write(Path folder) throws IOException {
        PrivateFiles.replace(folder.resolve(FILE), (next + " " + last + "\n").getBytes(StandardCharsets.US_ASCII));
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static String hash(byte[] entry) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(entry));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
