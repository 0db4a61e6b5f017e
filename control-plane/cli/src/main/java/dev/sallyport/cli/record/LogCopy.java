package dev.sallyport.cli.record;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The collected log as files in a folder, so that it verifies there without us: the signed checkpoint, every hash, and the entries from some index on; those before are left out as they
 * are in a log that was pruned.
 */
final class LogCopy {
    private static final int NOT_FOUND = 404;

    private final CollectedRecords records;
    private final Path folder;
    private final byte[] note;
    private final Checkpoint checkpoint;

    private LogCopy(CollectedRecords records, Path folder, byte[] note, Checkpoint checkpoint) {
        this.records = records;
        this.folder = folder;
        this.note = note;
        this.checkpoint = checkpoint;
    }

    /** Of the log as it is signed now: what comes later is not in it. */
    static LogCopy begin(CollectedRecords records, Path folder) throws CliException {
        byte[] note = records.file(TilePath.CHECKPOINT);
        try {
            return new LogCopy(
                    records,
                    folder,
                    note,
                    Checkpoint.parse(SignedNote.parse(note).text()));
        } catch (InvalidNoteException e) {
            throw new CliException(ExitCode.UNVERIFIED, "control plane: its checkpoint: " + e.getMessage());
        }
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** All that the log still has: what proves a record's chain, its seal and the authorities of that day may stand long before it. */
    void write() throws CliException, IOException {
        long size = checkpoint.size();
        long first = records.status().path("pruned").asLong();
        for (long tile = first / TilePath.WIDTH; tile * TilePath.WIDTH < size; tile++) {
            int width = width(size, tile);
            file(TilePath.entries(tile, width), TilePath.entries(tile, TilePath.WIDTH));
        }
        int level = 0;
        for (long hashes = size; hashes > 0; hashes /= TilePath.WIDTH, level++) {
            for (long tile = 0; tile * TilePath.WIDTH < hashes; tile++) {
                file(TilePath.tile(level, tile, width(hashes, tile)), TilePath.tile(level, tile, TilePath.WIDTH));
            }
        }
        // Last: a folder with a checkpoint is whole.
        put(TilePath.CHECKPOINT, note);
    }

    private static int width(long hashes, long tile) {
        return (int) Math.min(TilePath.WIDTH, hashes - tile * TilePath.WIDTH);
    }

    /** A partial file is gone once the full one is there, which begins with it. */
    private void file(String path, String full) throws CliException, IOException {
        try {
            put(path, records.file(path));
        } catch (RefusedException e) {
            if (e.status() != NOT_FOUND || path.equals(full)) {
                throw e;
            }
            put(full, records.file(full));
        }
    }

    private void put(String path, byte[] bytes) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes);
    }
}
