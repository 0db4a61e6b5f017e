package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.audit.WordKeys.Epoch;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.StateFolders;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code audit keys}: the side store of the words that stand on record for users and other values. To destroy a key is to erase whom its words mean. */
public abstract sealed class AuditKeysCommand implements Callable<Integer>
        permits AuditKeysCommand.ListKeys, AuditKeysCommand.Rotate, AuditKeysCommand.Destroy {
    final Invocation invocation;
    final Clock clock = Clock.systemUTC();

    @Parameters(paramLabel = "STATE", description = "a sidecar's state folder")
    private Path state = Path.of("");

    AuditKeysCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** One sidecar's: what concerns several folders at once is not undone for those by mistake. */
    WordKeys keys() throws CliException {
        List<Path> folders = StateFolders.below(state);
        if (!folders.equals(List.of(state))) {
            throw new CliException(state + ": " + folders.size()
                    + " state folders below (expected: one sidecar's own, as " + folders.getFirst() + ")");
        }
        return new WordKeys(state, clock);
    }

    private static String since(Epoch epoch) {
        return epoch.since().equals(Instant.EPOCH) ? "" : epoch.since().toString();
    }

    /** All epochs, the living and the destroyed. */
    @Command(description = "Lists the keys of a sidecar's keyed words, one an epoch.")
    public static final class ListKeys extends AuditKeysCommand {
        public ListKeys(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() throws CliException, IOException {
            boolean json = invocation.json();
            List<Epoch> epochs = keys().list();
            if (json) {
                ArrayNode array = Invocation.JSON.createArrayNode();
                epochs.forEach(epoch -> {
                    ObjectNode node =
                            array.addObject().put("epoch", epoch.number()).put("since", since(epoch));
                    epoch.destroyed().ifPresent(at -> node.put("destroyed", at.toString()));
                });
                invocation.print(array);
                return 0;
            }
            Table table = new Table("EPOCH", "WORDS", "SINCE", "KEY");
            epochs.forEach(epoch -> table.row(
                    Integer.toString(epoch.number()),
                    epoch.number() == 0 ? "k-…" : "k" + epoch.number() + "-…",
                    since(epoch),
                    epoch.destroyed().map(at -> "destroyed " + at).orElse("here")));
            invocation.print(table);
            return 0;
        }
    }

    /** Begins an epoch before its time. */
    @Command(description = "Begins a new epoch: from then on the same user is another word.")
    public static final class Rotate extends AuditKeysCommand {
        public Rotate(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() throws CliException, IOException {
            boolean json = invocation.json();
            Epoch begun = keys().rotate();
            if (json) {
                invocation.print(Invocation.JSON
                        .createObjectNode()
                        .put("epoch", begun.number())
                        .put("since", since(begun)));
            } else {
                invocation.print("epoch " + begun.number() + " has begun; a running sidecar takes it within 10 s");
            }
            return 0;
        }
    }

    /** Erasure. */
    @Command(
            description = {
                "Destroys the key of an epoch, for ever: nobody can tell any more whom its words mean, or whether two of them mean the same as words of another epoch. The log still verifies.",
                "Copies of the state folder, as backups, have copies of its keys."
            })
    public static final class Destroy extends AuditKeysCommand {
        @Option(names = "--epoch", required = true, paramLabel = "N", description = "which one, of audit keys list")
        private int epoch;

        public Destroy(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() throws CliException, IOException {
            boolean json = invocation.json();
            if (!keys().destroy(epoch)) {
                throw new CliException(
                        "--epoch " + epoch + ": no key (expected: one that audit keys list shows as here)");
            }
            if (json) {
                invocation.print(Invocation.JSON
                        .createObjectNode()
                        .put("epoch", epoch)
                        .put("destroyed", clock.instant().toString()));
            } else {
                invocation.print("the key of epoch " + epoch + " is destroyed");
            }
            return 0;
        }
    }
}
