package dev.sallyport.cli.standalone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Times;
import dev.sallyport.cli.WholeFile;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.identity.Revocations;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy build}: what a control plane would tell the sidecars of one service, as a signed file. Asks nobody. */
@Command(description = "Makes the signed snapshot of one service, for sidecars without a control plane.")
public final class PolicyBuildCommand implements Callable<Integer> {
    private static final Duration VALID_MAX = Duration.ofDays(366);

    private final Invocation invocation;

    @Mixin
    private final BuildInputs inputs;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "files, or folders of *.yaml, *.yml and *.json; together they are one set")
    private List<Path> paths;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE.jwk",
            description = "the private key, as policy key made it")
    private Path key;

    @Option(
            names = "--valid-for",
            paramLabel = "DURATION",
            defaultValue = "30d",
            description = "how long it counts; then every request is denied (default: ${DEFAULT-VALUE})")
    private Duration validFor;

    @Option(
            names = "--epoch",
            paramLabel = "N",
            description = "outranks every revision of lower epochs (default: that of the file at --out, else 1)")
    private Optional<Long> epoch = Optional.empty();

    @Option(names = "--out", paramLabel = "FILE", description = "where to write it (default: SERVICE.jws here)")
    private Optional<Path> out = Optional.empty();

    public PolicyBuildCommand(Invocation invocation) {
        this.invocation = invocation;
        this.inputs = new BuildInputs(invocation);
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Path file = out.orElseGet(inputs::file);
        ECKey signingKey = BuildFiles.signingKey(key);
        List<Source> sources = Source.readAll(paths);
        DocumentSet documents = WorkingTree.load(sources, now).set();
        MeshSnapshot snapshot = MeshSnapshot.of(
                documents,
                inputs.service(documents.mesh()),
                edition(file, now),
                inputs.trust(documents.mesh()),
                Revocations.NONE,
                inputs.keys(documents.mesh()),
                inputs.endpoints(documents.mesh()));
        write(file, SignedSnapshot.sign(snapshot, signingKey), signingKey, snapshot);
        report(json, file, snapshot, signingKey.getKeyID(), now);
        return 0;
    }

    /**
     * A later build supersedes an earlier one wherever both were made: the revision is the time in seconds, the time of issue breaks a tie, and a clock that was set back is made
     * up for by the file that is replaced.
     */
    private MeshSnapshot.Edition edition(Path file, Instant now) throws CliException {
        if (validFor.isZero() || validFor.compareTo(VALID_MAX) > 0) {
            throw invocation.usage("--valid-for: " + Durations.text(validFor)
                    + " (expected: more than nothing, at most " + VALID_MAX.toDays() + "d)");
        }
        Optional<MeshSnapshot> previous = BuildFiles.previous(file);
        long least = previous.map(MeshSnapshot::epoch).orElse(0L);
        long number = epoch.orElse(Math.max(1, least));
        if (number < least) {
            throw invocation.usage("--epoch: " + number + " (expected: at least " + least + ", as in " + file + ")");
        }
        long next = previous.map(snapshot -> snapshot.revision() + 1).orElse(0L);
        return new MeshSnapshot.Edition(number, Math.max(now.getEpochSecond(), next), now, now.plus(validFor));
    }

    /** Read back as a sidecar will before anybody sees it. */
    private static void write(Path file, SignedSnapshot signed, ECKey signingKey, MeshSnapshot snapshot)
            throws CliException {
        byte[] bytes = signed.toBytes();
        if (bytes.length > Frames.MAX_BYTES) {
            throw new CliException("snapshot: " + bytes.length + " bytes (expected: at most " + Frames.MAX_BYTES
                    + ", what a sidecar takes)");
        }
        try {
            SignedSnapshot.ofBytes(bytes).verify(signingKey.toPublicJWK(), snapshot.recipient());
            WholeFile.write(file, bytes);
        } catch (InvalidMessageException e) {
            throw new IllegalStateException("a snapshot of ours does not verify: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CliException(
                    "--out: " + file + ": cannot be written (expected: a place that this user can write)");
        }
    }

    private void report(boolean json, Path file, MeshSnapshot snapshot, String keyId, Instant now) {
        if (json) {
            ObjectNode answer = Invocation.JSON.createObjectNode();
            answer.put("file", file.toString())
                    .put("mesh", snapshot.mesh())
                    .put("service", snapshot.service())
                    .put("recipient", snapshot.recipient().toString())
                    .put("epoch", snapshot.epoch())
                    .put("revision", snapshot.revision())
                    .put("issuedAt", snapshot.issuedAt().toString())
                    .put("validUntil", snapshot.validUntil().toString())
                    .put("digest", snapshot.policy().digest())
                    .put("keyId", keyId);
            invocation.print(answer);
        } else {
            invocation.print(file + ": for " + snapshot.recipient() + ", epoch " + snapshot.epoch() + ", revision "
                    + snapshot.revision() + ", counts until " + snapshot.validUntil() + ", "
                    + Times.relative(snapshot.validUntil(), now));
        }
    }
}
