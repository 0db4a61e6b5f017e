package dev.sallyport.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The side store of a log's keyed words: {@code <state>/audit-keys/NNNN.key}, one file an epoch. To destroy an entry is erasure: the words of that epoch can no longer be linked to
 * anybody, by us neither, and the log still verifies, for it holds the words and not the keys. {@code NNNN.destroyed} says when that was, and keeps the number from being used again.
 * Blocking; any process that owns the folder.
 */
public final class WordKeys {
    /** A key lives no longer: then a new epoch begins. */
    public static final Duration EPOCH = Duration.ofDays(90);

    static final String FOLDER = "audit-keys";
    /** Of a state folder from before there were epochs. */
    static final String FIRST_KEY = "audit-key";

    private static final Pattern FILE = Pattern.compile("(\\d{4,6})\\.(key|destroyed)");
    private static final FileAttribute<?> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** {@code since}: when it began, the epoch of 1970 where nobody knows. */
    public record Epoch(int number, Instant since, Optional<Instant> destroyed) {}

    private final Path state;
    private final Path folder;
    private final Clock clock;

    /** {@code state}: a sidecar's state folder. */
    public WordKeys(Path state, Clock clock) {
        this.state = state;
        this.folder = state.resolve(FOLDER);
        this.clock = clock;
    }

    /** All that there ever were, oldest first. */
    public List<Epoch> list() throws IOException {
        List<Epoch> epochs = new ArrayList<>();
        if (Files.exists(state.resolve(FIRST_KEY))) {
            epochs.add(new Epoch(0, Instant.EPOCH, Optional.empty()));
        }
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    Matcher name = FILE.matcher(String.valueOf(file.getFileName()));
                    if (name.matches()) {
                        epochs.add(epoch(file, Integer.parseInt(name.group(1)), name.group(2)));
                    }
                }
            }
        }
        return epochs;
    }

    private static Epoch epoch(Path file, int number, String kind) throws IOException {
        String[] parts = parts(file);
        return new Epoch(
                number,
                instant(file, parts[0]),
                kind.equals("key") ? Optional.empty() : Optional.of(instant(file, parts[1])));
    }

    /** The key of the newest epoch; of a new one where there is none, or where it has lived long enough. */
    public WordKey current() throws IOException {
        Optional<Epoch> newest = newest();
        boolean due = newest.isEmpty()
                || newest.get().destroyed().isPresent()
                || !clock.instant().isBefore(newest.get().since().plus(EPOCH));
        return key(due ? rotate().number() : newest.get().number())
                .orElseThrow(() -> new IOException(folder + ": its newest key went as it was read"));
    }

    private Optional<Epoch> newest() throws IOException {
        return list().stream().filter(epoch -> epoch.number() > 0).reduce((_, last) -> last);
    }

    /** Of a living epoch. */
    public Optional<WordKey> key(int epoch) throws IOException {
        Path file = epoch == 0 ? state.resolve(FIRST_KEY) : file(epoch, "key");
        try {
            String hex = epoch == 0
                    ? Files.readString(file, StandardCharsets.US_ASCII).strip()
                    : parts(file)[1];
            byte[] key = HexFormat.of().parseHex(hex);
            if (key.length != WordKey.KEY_BYTES) {
                throw new IllegalArgumentException("length");
            }
            return Optional.of(new WordKey(epoch, key));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": no key (expected: 64 hex digits, as the sidecar wrote them)");
        }
    }

    /** The key that made {@code word}; empty for what is no word, and where its key was destroyed or is not here. */
    public Optional<WordKey> keyOf(String word) throws IOException {
        OptionalInt epoch = WordKey.epochOf(word);
        return epoch.isPresent() ? key(epoch.getAsInt()) : Optional.empty();
    }

    /** Every word that may stand on record for {@code value}: one for each living epoch. */
    public List<String> words(String value) throws IOException {
        List<String> words = new ArrayList<>();
        for (Epoch epoch : list()) {
            key(epoch.number()).ifPresent(key -> words.add(key.word(value)));
        }
        return words;
    }

    /** Begins a new epoch; a running sidecar follows within {@code audit.keyCheck}. Where another process began one at the same time, it is that one. */
    public Epoch rotate() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder, OWNER_FOLDER);
            own(folder, state);
        }
        int next = newest().map(Epoch::number).orElse(0) + 1;
        byte[] key = new byte[WordKey.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Instant now = clock.instant();
        create(file(next, "key"), now + " " + HexFormat.of().formatHex(key));
        Arrays.fill(key, (byte) 0);
        return new Epoch(next, now, Optional.empty());
    }

    /** For ever. The newest epoch is refused while words are made with it: a rotation comes first. False: there is no such key, or no more. */
    public boolean destroy(int epoch) throws IOException {
        Optional<Epoch> known =
                list().stream().filter(each -> each.number() == epoch).findFirst();
        if (known.isEmpty() || known.get().destroyed().isPresent()) {
            return false;
        }
        if (epoch == newest().map(Epoch::number).orElse(0) && epoch > 0) {
            throw new IOException("epoch " + epoch + ": in use (expected: an older one; rotate first)");
        }
        Path file = epoch == 0 ? state.resolve(FIRST_KEY) : file(epoch, "key");
        if (epoch > 0) {
            create(file(epoch, "destroyed"), known.get().since() + " " + clock.instant());
        }
        overwrite(file);
        Files.delete(file);
        force(epoch == 0 ? state : folder);
        return true;
    }

    private Path file(int epoch, String kind) {
        return folder.resolve(String.format(java.util.Locale.ROOT, "%04d.%s", epoch, kind));
    }

    private static String[] parts(Path file) throws IOException {
        String[] parts =
                Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
        if (parts.length != 2) {
            throw new IOException(file + ": " + parts.length + " words (expected: two, as the sidecar wrote them)");
        }
        return parts;
    }

    private static Instant instant(Path file, String text) throws IOException {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IOException(file + ": " + text + " (expected: a time, as the sidecar wrote it)");
        }
    }

    /** Whole or not at all, and never over another: a link is refused where a rename would replace. */
    private void create(Path file, String text) throws IOException {
        Path next = Files.createTempFile(folder, "next", ".tmp", OWNER_FILE);
        try {
            try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                write(channel, (text + "\n").getBytes(StandardCharsets.US_ASCII));
            }
            own(next, state);
            Files.createLink(file, next);
        } catch (FileAlreadyExistsException e) {
            // Another process was a moment earlier: its file counts.
        } finally {
            Files.delete(next);
        }
        force(folder);
    }

    /** An administrator's file must be readable for the sidecar. */
    private static void own(Path file, Path like) throws IOException {
        if (!Files.getOwner(file).equals(Files.getOwner(like))) {
            Files.setOwner(file, Files.getOwner(like));
        }
    }

    /** Before its name goes: what a device keeps of old blocks is beyond a file's reach, and copies of the folder are their owner's. */
    private static void overwrite(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE))) {
            write(channel, new byte[Math.toIntExact(channel.size())]);
        }
    }

    private static void write(FileChannel channel, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
