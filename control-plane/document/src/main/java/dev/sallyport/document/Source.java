package dev.sallyport.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A named text: a file's path as messages shall print it, and its content. */
public record Source(String name, String text) {
    /** The most that one file may hold. */
    public static final int BYTES_MAX = 1 << 20;

    /** The most files that one folder may hold. */
    public static final int FILES_MAX = 1000;

    /**
     * The file itself, or every {@code *.yaml|*.yml|*.json} directly in a folder, by name. At most 1 MiB a file and
     * 1000 files; UTF-8. What cannot be read is an IOException whose message names the file and what was expected.
     */
    public static List<Source> read(Path fileOrFolder) throws IOException {
        if (!Files.isDirectory(fileOrFolder)) {
            return List.of(readFile(fileOrFolder));
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(fileOrFolder)) {
            files = entries.filter(Source::isDocument)
                    .sorted()
                    .limit(FILES_MAX + 1L)
                    .toList();
        } catch (AccessDeniedException denied) {
            throw new IOException(fileOrFolder + ": permission denied (expected: a folder that this user may read)");
        }
        if (files.size() > FILES_MAX) {
            throw new IOException(fileOrFolder + ": too many documents (expected: at most " + FILES_MAX
                    + " files *.yaml, *.yml or *.json)");
        }
        List<Source> sources = new ArrayList<>(files.size());
        for (Path file : files) {
            sources.add(readFile(file));
        }
        return List.copyOf(sources);
    }

    /** {@link #read} of each, in their order: together they are one set. */
    public static List<Source> readAll(List<Path> filesAndFolders) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (Path path : filesAndFolders) {
            sources.addAll(read(path));
        }
        return List.copyOf(sources);
    }

    private static boolean isDocument(Path path) {
        String name = path.getFileName().toString();
        boolean named = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        return named && !name.startsWith(".") && !Files.isDirectory(path);
    }

    private static Source readFile(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(file.toString(), in);
        } catch (NoSuchFileException missing) {
            throw new IOException(file + ": not found (expected: a file, or a folder of *.yaml, *.yml, *.json)");
        } catch (AccessDeniedException denied) {
            throw new IOException(file + ": permission denied (expected: a file that this user may read)");
        }
    }

    /** All that there is to read, as of a file: at most 1 MiB, UTF-8. {@code name} is what messages shall print. */
    public static Source read(String name, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(BYTES_MAX + 1); // bounded even when the file grows while it is read
        if (bytes.length > BYTES_MAX) {
            throw new IOException(name + ": more than 1 MiB (expected: at most 1 MiB; split the file)");
        }
        return new Source(name, decode(name, bytes));
    }

    /** Strict, so that no byte turns into a replacement character that another reader would see otherwise. */
    private static String decode(String name, byte[] bytes) throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        String text = out.toString();
        if (result.isError()) {
            int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
            int column = text.length() - text.lastIndexOf('\n');
            throw new IOException(name + ":" + line + ":" + column + ": not UTF-8, byte 0x"
                    + Integer.toHexString(bytes[in.position()] & 0xFF) + " (expected: a text in UTF-8)");
        }
        return text;
    }
}
