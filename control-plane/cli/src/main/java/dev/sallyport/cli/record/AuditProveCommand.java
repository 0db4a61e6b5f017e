package dev.sallyport.cli.record;

import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code audit prove}: a file that proves by itself that one record is in the log. */
@Command(
        description =
                "Writes a file that proves one record to be in the log: the record, the hashes up to the root, the signed checkpoint (C2SP tlog-proof).")
public final class AuditProveCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(paramLabel = "ID", description = "the record's id; of an intent and its outcome the outcome is proved")
    private String id;

    @Option(
            names = "--index",
            paramLabel = "INDEX",
            description = "which of the entries with this id (audit show names them)")
    private String index = "";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "where to write it (default: ID" + TlogProof.SUFFIX + " here)")
    private Optional<Path> out = Optional.empty();

    public AuditProveCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        boolean json = invocation.json();
        byte[] bytes;
        try (ControlPlaneApi api = invocation.api()) {
            bytes = new CollectedRecords(api).proof(id, index);
        }
        TlogProof proof = parsed(bytes);
        // The id is a stranger's word: it names no other folder.
        Path file = out.orElseGet(() -> Path.of(id.replaceAll("[^A-Za-z0-9-]", "_") + TlogProof.SUFFIX));
        WholeFile.write(file, bytes);
        if (json) {
            invocation.print(Invocation.JSON
                    .createObjectNode()
                    .put("file", file.toString())
                    .put("index", proof.index()));
        } else {
            invocation.print("entry " + proof.index() + " is proved by " + file);
            invocation.say(
                    "whoever has the log's key verifies it with: sallyport audit verify " + file + " --key VKEY");
        }
        return 0;
    }

    private static TlogProof parsed(byte[] bytes) throws CliException {
        try {
            return TlogProof.parse(bytes);
        } catch (InvalidNoteException e) {
            throw new CliException(ExitCode.UNVERIFIED, "control plane: its " + e.getMessage());
        }
    }
}
