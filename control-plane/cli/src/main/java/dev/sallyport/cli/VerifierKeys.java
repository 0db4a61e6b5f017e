package dev.sallyport.cli;

import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.NoteVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Verifier keys as people give them: the text itself, or a file with one a line. */
public final class VerifierKeys {
    private VerifierKeys() {}

    /** Those of every value of {@code option}; {@link ExitCode#USAGE} for what is neither. */
    public static List<NoteVerifier> read(String option, List<String> values) throws CliException, IOException {
        List<NoteVerifier> keys = new ArrayList<>();
        for (String value : values) {
            for (String line : isFile(value) ? Files.readAllLines(Path.of(value)) : List.of(value)) {
                if (!line.isBlank()) {
                    keys.add(parse(option, line));
                }
            }
        }
        return List.copyOf(keys);
    }

    private static boolean isFile(String value) {
        try {
            return Files.isRegularFile(Path.of(value));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static NoteVerifier parse(String option, String text) throws CliException {
        try {
            return NoteVerifier.parse(text);
        } catch (InvalidNoteException e) {
            throw new CliException(ExitCode.USAGE, option + ": " + e.getMessage() + " or a file with one a line");
        }
    }
}
