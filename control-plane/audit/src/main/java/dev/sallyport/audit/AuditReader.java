package dev.sallyport.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads records back, for people and for {@code explain}. */
public final class AuditReader {
    static final int DEPTH_MAX = 16;

    private AuditReader() {}

    /** Keys as on disk ({@code http.request.method}); values String, Long, Boolean, List of String, or Map of these. */
    public record StoredRecord(Path file, long line, Map<String, Object> fields) {
        /** Whether the request's end has a record of its own, later. */
        public boolean intent() {
            Object event = fields.get(AuditFields.EVENT_NAME);
            return AuditFields.EVENT_INTENT.equals(event) || AuditFields.EVENT_INTERVAL.equals(event);
        }
    }

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Every record below, in file order; the log's own too ({@code EventName} {@value AuditFields#EVENT_LOG}). Hashes are not looked at, {@link AuditVerifier} does that. A line that
     * is no record ends it with an IOException that names it; a last line without its line feed is one that is being written, and is left out, as are the zeros of a segment that is
     * not full.
     */
    public static void forEach(Path fileOrFolder, Consumer<StoredRecord> action) throws IOException {
        visit(fileOrFolder, record -> {
            action.accept(record);
            return true;
        });
    }

    /** The record with this id: of how the request ended; of its intent only where no end is on record. */
    public static Optional<StoredRecord> find(Path fileOrFolder, String id) throws IOException {
        List<StoredRecord> found = new ArrayList<>(2);
        visit(fileOrFolder, record -> {
            boolean wanted = id.equals(record.fields().get(AuditFields.ID));
            if (wanted) {
                found.add(record);
            }
            return !wanted || record.intent();
        });
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }

    /** {@code more} answers whether to go on. */
    private static void visit(Path fileOrFolder, Predicate<StoredRecord> more) throws IOException {
        if (Files.isRegularFile(fileOrFolder)) {
            read(fileOrFolder, more);
            return;
        }
        for (Path folder : logFolders(fileOrFolder)) {
            for (Path file : LogFolder.files(folder)) {
                if (!read(file, more)) {
                    return;
                }
            }
        }
    }

    /** Folders that hold a log, sorted; at least one. A folder too deep to be looked into is refused: a log in it would pass unread. */
    static List<Path> logFolders(Path top) throws IOException {
        if (!Files.isDirectory(top)) {
            throw new IOException(top + ": no such file or folder (expected: an audit log, or a folder above some)");
        }
        SortedSet<Path> folders = new TreeSet<>();
        Files.walkFileTree(top, Set.of(), DEPTH_MAX, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                if (attributes.isDirectory()) { // only at the limit
                    throw new IOException(
                            path + ": a folder too deep to look into (expected: at most " + DEPTH_MAX + " levels)");
                }
                if (LogFolder.isFile(path)) {
                    folders.add(Optional.ofNullable(path.getParent()).orElse(top));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult
                            .CONTINUE; // The log renames a segment when it begins, and deletes what was received.
                }
                throw new IOException(path + ": not readable", e);
            }
        });
        if (folders.isEmpty()) {
            throw new IOException(
                    "no audit log below " + top + " (expected: files named 00000001" + LogFolder.SUFFIX + ")");
        }
        return List.copyOf(folders);
    }

    private static boolean read(Path file, Predicate<StoredRecord> more) throws IOException {
        try (LineReader lines = LineReader.of(file)) {
            for (long number = 1; lines.next() && lines.ended(); number++) {
                if (!more.test(record(file, number, lines))) {
                    return false;
                }
            }
            return true;
        }
    }

    private static StoredRecord record(Path file, long number, LineReader line) throws IOException {
        try (JsonParser parser = JSON.createParser(line.array(), line.from(), line.to() - line.from())) {
            if (!line.cut() && parser.nextToken() == JsonToken.START_OBJECT) {
                return new StoredRecord(file, number, object(parser));
            }
        } catch (JsonProcessingException e) {
            // Falls through to the refusal: the parser's message would quote the line.
        }
        throw new IOException(file + ":" + number + ": not a record (see sallyport audit verify)");
    }

    /** The members of one line, with or without its line feed, as {@link StoredRecord} has them; empty when it is no JSON object, or says one member twice. Nothing is verified. */
    public static Optional<Map<String, Object>> fields(byte[] line) {
        try (JsonParser parser = JSON.createParser(line)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? Optional.of(object(parser)) : Optional.empty();
        } catch (IOException notOurs) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            fields.put(key, value(parser));
        }
        return fields;
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                List<String> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(parser.getText());
                }
                yield List.copyOf(items);
            }
            default -> parser.getText();
        };
    }
}
