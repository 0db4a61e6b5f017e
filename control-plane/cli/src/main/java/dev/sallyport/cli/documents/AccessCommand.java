package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sallyport.authoring.diff.Access;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Nearest;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code who-can REQUEST} and {@code what-can SERVICE}: the rules read from the other side. */
public abstract sealed class AccessCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "PATH",
            description = "files or folders of documents (default: what the control plane has in force)")
    private List<Path> paths = List.of();

    AccessCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    abstract List<Access> found(DocumentSet set, Instant now) throws CliException;

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        Instant now = Instant.now();
        Given given = Given.ofOrInForce(paths, invocation, now);
        List<Access> found = found(given.tree().set(), now);
        if (json) {
            ArrayNode list = Invocation.JSON.createArrayNode();
            found.forEach(access -> list.addObject()
                    .put("caller", access.caller())
                    .put("service", access.service())
                    .put("request", access.request())
                    .put("rule", access.rule())
                    .put("demands", access.demands()));
            invocation.print(list);
        } else {
            Table table = new Table("CALLER", "SERVICE", "REQUEST", "DEMANDS", "RULE");
            found.forEach(access ->
                    table.row(access.caller(), access.service(), access.request(), access.demands(), access.rule()));
            invocation.print(table);
        }
        invocation.say(given.name() + ": " + (found.isEmpty() ? "nobody" : Counted.of(found.size(), "way")));
        return ExitCode.OK.number();
    }

    static CliException unknown(String what, String value, Collection<String> known) {
        return new CliException(
                ExitCode.USAGE,
                what + ": " + value + ": unknown ("
                        + Nearest.to(value, known)
                                .map(nearest -> "did you mean " + nearest + "?")
                                .orElse("expected: one of " + String.join(", ", known))
                        + ")");
    }

    /** {@code who-can}. */
    @Command(
            description = {
                "Lists every caller that some rule may allow a request, and what else must hold:",
                "  who-can 'POST /charges' DIR",
                "  who-can '/charges/**' DIR        every method, everything below"
            })
    public static final class WhoCan extends AccessCommand {
        @Parameters(index = "0", paramLabel = "REQUEST", description = "\"METHOD /path\", /path, or \"tcp PORT\"")
        private String request;

        @Option(names = "--to", paramLabel = "SERVICE", description = "only of this service")
        private Optional<String> to = Optional.empty();

        public WhoCan(Invocation invocation) {
            super(invocation);
        }

        @Override
        List<Access> found(DocumentSet set, Instant now) throws CliException {
            if (to.isPresent() && !set.mesh().services().containsKey(to.get())) {
                throw unknown("--to", to.get(), set.mesh().services().keySet());
            }
            try {
                return Access.whoCan(set, request, to, now);
            } catch (IllegalArgumentException notARequest) {
                throw new CliException(ExitCode.USAGE, request + ": " + notARequest.getMessage());
            }
        }
    }

    /** {@code what-can}. */
    @Command(description = {"Lists everything that a service may call:", "  what-can orders DIR"})
    public static final class WhatCan extends AccessCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "the caller")
        private String caller;

        public WhatCan(Invocation invocation) {
            super(invocation);
        }

        @Override
        List<Access> found(DocumentSet set, Instant now) throws CliException {
            if (!set.mesh().services().containsKey(caller)) {
                throw unknown("what-can", caller, set.mesh().services().keySet());
            }
            return Access.whatCan(set, caller, now);
        }
    }
}
