package dev.sallyport.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Names in the folder of a log, and its lock. */
final class LogFolder {
    static final String SUFFIX = ".audit.jsonl";
    /** The segment that is ready to be used next. */
    static final String NEXT = ".next";
    /** {@link DurableNumber}: numbers above it were never used. */
    static final String HIGH_WATER = ".highwater";
    /** {@link DurableNumber}: a collector has everything up to it. */
    static final String RECEIVED = ".received";

    private static final Pattern NAME = Pattern.compile("[0-9]{8}\\.audit\\.jsonl");

    private LogFolder() {}

    static Path file(Path folder, int number) {
        String digits = Integer.toString(number);
        return folder.resolve("0".repeat(8 - digits.length()) + digits + SUFFIX);
    }

    static boolean isFile(Path path) {
        return NAME.matcher(String.valueOf(path.getFileName())).matches();
    }

    /** Of a file of a log. */
    static int number(Path file) {
        return Integer.parseInt(String.valueOf(file.getFileName()).substring(0, 8));
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
                folder.resolve(".lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                DiskStorage.FILE_MODE);
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

    /** What was made, renamed or deleted in the folder is so on disk, too. */
    static void forceNames(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
