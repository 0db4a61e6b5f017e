package dev.sallyport.cli.standalone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.WholeFile;
import dev.sallyport.contract.JwkFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code policy key}: the key pair behind {@code policy build}. The private half stays with the builder, the public one goes to every sidecar. */
@Command(description = "Makes the key that signs snapshots of policy build, mode 0600, and its public half beside it.")
public final class PolicyKeyCommand implements Callable<Integer> {
    private static final String SUFFIX = ".jwk";

    private final Invocation invocation;

    @Parameters(paramLabel = "FILE.jwk", description = "where to write it; the public half is FILE.pub.jwk")
    private Path file;

    public PolicyKeyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX)) {
            throw invocation.usage(file + ": another name (expected: one that ends in " + SUFFIX + ")");
        }
        Path publicFile = file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + ".pub" + SUFFIX);
        ECKey key = JwkFile.generate();
        try {
            WholeFile.writeSecret(file, JwkFile.toBytes(key), false);
            WholeFile.write(publicFile, JwkFile.toBytes(key.toPublicJWK()));
        } catch (FileAlreadyExistsException e) {
            throw new CliException(
                    file + ": exists (expected: a new file; every sidecar trusts the key that is there)");
        } catch (IOException e) {
            throw new CliException(file + ": cannot be written (expected: a place that this user can write)");
        }
        if (json) {
            ObjectNode answer = Invocation.JSON.createObjectNode();
            answer.put("file", file.toString())
                    .put("publicFile", publicFile.toString())
                    .put("keyId", key.getKeyID());
            invocation.print(answer);
        } else {
            invocation.print(file + ": signs snapshots, keep it secret; sidecars get " + publicFile + " as trustKey");
        }
        return 0;
    }
}
