package dev.sallyport.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder of one log: its files in order, its lock, and where its chain stands when it is opened again. */
final class LogFolder {
    static final String SUFFIX = ".audit.jsonl";

    private static final Pattern NAME = Pattern.compile("[0-9]{8}\\.audit\\.jsonl");
    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private LogFolder() {}

    /** Where to go on: the next file's number, the chain's head, and how many bytes of a torn tail were put aside. */
    record End(int nextFile, String head, long number, long tornBytes) {}

    static Path file(Path folder, int number) {
        String digits = Integer.toString(number);
        return folder.resolve("0".repeat(8 - digits.length()) + digits + SUFFIX);
    }

    static boolean isFile(Path path) {
        return NAME.matcher(String.valueOf(path.getFileName())).matches();
    }

    /** In the order of their numbers. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(LogFolder::isFile).sorted().toList();
        }
    }

    /** Held until the process ends or the channel closes; two writers would fork the chain. */
    static FileChannel lock(Path folder) throws IOException {
        Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(owner));
        // One that was there before: who may list it sees when this service is busy.
        Files.setPosixFilePermissions(folder, owner);
        FileChannel channel = FileChannel.open(
                folder.resolve(".lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), FILE_MODE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: the same answer.
        }
        channel.close();
        throw new IOException(
                "audit log " + folder + ": in use by another process (expected: one sidecar a state folder)");
    }

    /** Reads the last file again. What a crash tore off its end goes to {@code FILE.torn}; any other damage is refused, naming the place. */
    static End end(Path folder) throws IOException {
        List<Path> files = files(folder);
        if (files.isEmpty()) {
            return new End(1, HashChain.GENESIS, 0, 0);
        }
        Path last = files.getLast();
        int next = Integer.parseInt(last.getFileName().toString().replace(SUFFIX, "")) + 1;
        ChainReader.Result result = ChainReader.read(last, ChainReader.Start.ANY);
        if (result.bad().isEmpty()) {
            return new End(next, result.head(), result.number(), 0);
        }
        AuditVerifier.BadRecord bad = result.bad().get();
        // A line is written with its line feed last: one that has it was whole once, also when it is the last one.
        if (!result.badIsTorn()) {
            throw new IOException(last + ":" + bad.line() + ": " + bad.problem()
                    + " (expected: an unbroken chain; move the folder aside to start a new log)");
        }
        long torn = putAside(last, result.goodBytes());
        if (result.number() > 0) {
            return new End(next, result.head(), result.number(), torn);
        }
        // Not one whole line: the chain stands where the file before ended.
        Files.delete(last);
        End before = end(folder);
        return new End(before.nextFile(), before.head(), before.number(), torn + before.tornBytes());
    }

    private static long putAside(Path file, long goodBytes) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".torn");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileChannel torn = FileChannel.open(
                        aside, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), FILE_MODE)) {
            long size = channel.size();
            for (long at = goodBytes; at < size; ) {
                at += channel.transferTo(at, size - at, torn);
            }
            // In this order: a crash in between leaves the tail twice, never nowhere.
            torn.force(true);
            channel.truncate(goodBytes);
            channel.force(true);
            return size - goodBytes;
        }
    }
}
