package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.Cosigners;
import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.audit.tlog.Trust;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code audit verify} of a {@code .tlog-proof}: that the record in it is in the log. */
final class ProofCheck {
    private final Invocation invocation;
    private final Path file;
    private final TrustOptions options;

    ProofCheck(Invocation invocation, Path file, TrustOptions options) {
        this.invocation = invocation;
        this.file = file;
        this.options = options;
    }

    /** Ends with {@link ExitCode#UNVERIFIED} when it does not hold. */
    void run() throws CliException, IOException {
        Trust trust = options.trust();
        try {
            if (Files.size(file) > TlogProof.BYTES_MAX) {
                throw new CliException(ExitCode.UNVERIFIED, file + ": longer than " + TlogProof.BYTES_MAX + " bytes");
            }
            TlogProof proof = TlogProof.parse(Files.readAllBytes(file));
            byte[] entry = proof.extra()
                    .orElseThrow(() -> new CliException(
                            ExitCode.UNVERIFIED, file + ": no extra line (expected: the record in it)"));
            Checkpoint.Signed proved = proof.verify(entry, trust.keys());
            Cosigners cosigners = Cosigners.of(proof.note(), trust.witnesses(), trust.cosignatures());
            print(proof, entry, proved, cosigners.names());
        } catch (InvalidNoteException e) {
            throw new CliException(ExitCode.UNVERIFIED, file + ": " + e.getMessage());
        }
    }

    private void print(TlogProof proof, byte[] entry, Checkpoint.Signed proved, List<String> cosigners)
            throws IOException {
        if (invocation.json()) {
            ObjectNode json = Invocation.JSON.createObjectNode();
            json.put("holds", true)
                    .put("trust", cosigners.isEmpty() ? "operator" : "witnessed")
                    .put("origin", proved.checkpoint().origin())
                    .put("index", proof.index())
                    .put("size", proved.checkpoint().size());
            cosigners.forEach(json.putArray("cosigners")::add);
            json.set("record", Invocation.JSON.readTree(entry));
            invocation.print(json);
            return;
        }
        // Records are ASCII with every control character escaped; what else stands here must not reach a terminal.
        invocation.print(new String(entry, StandardCharsets.US_ASCII).replaceAll("\\p{Cntrl}", "?"));
        invocation.print(invocation.paint(Colour.GOOD, "√") + " is entry " + proof.index() + " of "
                + proved.checkpoint().origin() + ", in the tree of "
                + proved.checkpoint().size() + " entries");
        invocation.print(
                cosigners.isEmpty()
                        ? "  operator-trusted: nobody else has cosigned it (see --witness)"
                        : "  cosigned by " + String.join(", ", cosigners));
    }
}
