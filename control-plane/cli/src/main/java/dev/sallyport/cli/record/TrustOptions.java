package dev.sallyport.cli.record;

import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.Trust;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.VerifierKeys;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whom to believe about a tiled log. */
final class TrustOptions {
    @Option(
            names = "--key",
            paramLabel = "VKEY|FILE",
            description =
                    "of a tiled log: its verifier key, or a file with one a line; repeatable. Each must have signed")
    private List<String> keys = List.of();

    @Option(
            names = "--witness",
            paramLabel = "VKEY|FILE",
            description = "a witness that must have cosigned; repeatable. Without one the log is operator-trusted")
    private List<String> witnesses = List.of();

    @Option(
            names = "--quorum",
            paramLabel = "N",
            description = "how many of the witnesses must have cosigned (default: each of them)")
    private Optional<Integer> quorum = Optional.empty();

    @Option(
            names = "--since",
            paramLabel = "FILE",
            description = "an older checkpoint that somebody kept; the log must still begin so; repeatable")
    private List<Path> since = List.of();

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "root certificates in PEM that seals may end at, beside those in the log; repeatable")
    private List<Path> authorities = List.of();

    /** {@link ExitCode#USAGE} for what is no key, or when there is none of the log. */
    Trust trust() throws CliException, IOException {
        List<NoteVerifier> logKeys = VerifierKeys.read("--key", keys);
        if (logKeys.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--key: missing (expected: the verifier key of the log, from somebody whom you believe)");
        }
        List<NoteVerifier> witnessKeys = VerifierKeys.read("--witness", witnesses);
        int names =
                (int) witnessKeys.stream().map(NoteVerifier::name).distinct().count();
        int wanted = quorum.orElse(names);
        if (wanted < 0 || wanted > names) {
            throw new CliException(
                    ExitCode.USAGE, "--quorum: " + wanted + " (expected: 0 to " + names + ", the witnesses given)");
        }
        return new Trust(logKeys, witnessKeys, wanted, checkpoints());
    }

    private List<SignedNote> checkpoints() throws CliException, IOException {
        List<SignedNote> notes = new ArrayList<>();
        for (Path file : since) {
            try {
                notes.add(SignedNote.parse(Files.readAllBytes(existing("--since", file))));
            } catch (InvalidNoteException e) {
                throw new CliException(file + ": " + e.getMessage());
            }
        }
        return notes;
    }

    List<X509Certificate> roots() throws CliException, IOException {
        List<X509Certificate> roots = new ArrayList<>();
        for (Path file : authorities) {
            try {
                roots.addAll(Pem.certificates(Files.readString(existing("--ca", file))));
            } catch (SvidRejectedException e) {
                throw new CliException(file + ": " + e.getMessage());
            }
        }
        return roots;
    }

    private static Path existing(String option, Path file) throws CliException {
        if (!Files.isRegularFile(file)) {
            throw new CliException(ExitCode.USAGE, option + " " + file + ": not found (expected: a file)");
        }
        return file;
    }
}
