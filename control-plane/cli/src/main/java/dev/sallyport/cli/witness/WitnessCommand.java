package dev.sallyport.cli.witness;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.tlog.LogKeys;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.Witness;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.VerifierKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code witness}: runs until it is told to end. Standard output has one line, when it answers. */
@Command(
        description = {
            "Cosigns checkpoints of the given logs (C2SP tlog-witness), and refuses those that take something back.",
            "To be run by somebody else than the operator of the log: an auditor, a customer, another team."
        })
public final class WitnessCommand implements Callable<Integer> {
    private static final String KEY_FILE = "witness.key";
    private static final String LOGS_FOLDER = "logs";

    private final Invocation invocation;

    @Option(
            names = "--log",
            required = true,
            paramLabel = "VKEY|FILE",
            description = "the verifier key of a log, or a file with one a line; repeatable")
    private List<String> logs;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "in its cosignatures, such as auditor.example/w1; no spaces, no +")
    private String name;

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "its key, and what it has seen; whoever loses this folder can be shown another history")
    private Path state;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:15030",
            description = "where logs ask for cosignatures (default: ${DEFAULT-VALUE})")
    private String listen;

    @Option(names = "--end-with-stdin", hidden = true, description = "ends when its standard input does")
    private boolean endWithStdin;

    public WitnessCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        InetSocketAddress address = address();
        List<NoteVerifier> keys = VerifierKeys.read("--log", logs);
        if (keys.isEmpty()) {
            throw invocation.usage("--log: no key in it (expected: at least one verifier key)");
        }
        List<NoteSigner> signers = signers();
        try (Witness witness = Witness.open(state.resolve(LOGS_FOLDER), keys, signers, Clock.systemUTC());
                WitnessServer server = listening(witness, address)) {
            invocation.print(readyLine(witness, signers, server.address()).toString());
            awaitEnd();
        }
        return 0;
    }

    private List<NoteSigner> signers() throws IOException {
        try {
            return LogKeys.witness(state.resolve(KEY_FILE), name);
        } catch (IllegalArgumentException e) {
            throw invocation.usage("--name: " + e.getMessage());
        }
    }

    private InetSocketAddress address() {
        int colon = listen.lastIndexOf(':');
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(listen.substring(0, Math.max(colon, 0))),
                    Integer.parseInt(listen.substring(colon + 1)));
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw invocation.usage("--listen: " + listen + " (expected: HOST:PORT of this machine)");
        }
    }

    private WitnessServer listening(Witness witness, InetSocketAddress address) throws CliException, IOException {
        try {
            return new WitnessServer(witness, address);
        } catch (BindException e) {
            throw new CliException("--listen " + listen + ": " + e.getMessage()
                    + " (expected: a free port; is another witness running?)");
        }
    }

    private static ObjectNode readyLine(Witness witness, List<NoteSigner> signers, InetSocketAddress address) {
        ObjectNode line = Invocation.JSON.createObjectNode();
        line.put("ready", "witness");
        line.put("listen", address.getAddress().getHostAddress() + ":" + address.getPort());
        ArrayNode vkeys = line.putArray("vkeys");
        signers.forEach(signer -> vkeys.add(signer.verifier().vkey()));
        ArrayNode origins = line.putArray("logs");
        witness.origins().forEach(origins::add);
        return line;
    }

    private void awaitEnd() throws IOException {
        if (endWithStdin) {
            InputStream in = System.in;
            while (in.read(new byte[1024]) >= 0) {
                // Only its end means something.
            }
            return;
        }
        try {
            Thread.currentThread().join(); // Until a signal ends the process.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
