package dev.sallyport.cli.demo;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: starts the shop, takes its steps, and stays up for whoever wants to go on. */
@Command(
        description =
                "A shop of five services behind sidecars: nine steps, each with what was seen and how to repeat it.")
public final class DemoCommand implements Callable<Integer> {
    private static final String EMBEDDED = "embedded";
    private static final String VAULT = "vault";

    private final Invocation invocation;

    @Option(names = "--exit", description = "stop after the steps; exit code 0 only if every one held")
    private boolean exit;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "leave policies, state and logs in this new or empty folder")
    private Optional<Path> keep = Optional.empty();

    @Option(
            names = "--authority",
            paramLabel = "KIND",
            defaultValue = "embedded",
            completionCandidates = Kinds.class,
            description =
                    "who signs certificates: ${COMPLETION-CANDIDATES}. vault: a real OpenBao is started (or VAULT_ADDR is used, with VAULT_TOKEN and VAULT_CACERT), first for vault-intermediate, then for vault-leaf")
    private String authority = EMBEDDED;

    /** For completion. */
    static final class Kinds extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Kinds() {
            super(List.of(EMBEDDED, VAULT, AuthorityKind.VAULT_INTERMEDIATE.code(), AuthorityKind.VAULT_LEAF.code()));
        }
    }

    public DemoCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException, CliException, InterruptedException {
        boolean json = invocation.json();
        List<AuthorityKind> kinds = kinds();
        DemoFolder folder = keep.isPresent() ? DemoFolder.kept(keep.get()) : DemoFolder.temporary();
        boolean held = true;
        for (AuthorityKind kind : kinds) {
            DemoFolder part = kinds.size() == 1 ? folder : folder.part(kind.code());
            Optional<ShopVault> vault = kind == AuthorityKind.EMBEDDED
                    ? Optional.empty()
                    : Optional.of(new ShopVault(kind, part.root().resolve("vault"), invocation.environment()));
            boolean last = kind == kinds.getLast();
            held &= new Demonstration(invocation, part, vault).run(json, scene -> {
                if (last && !exit) {
                    stayUp(scene);
                }
            });
        }
        if (kinds.size() > 1) {
            folder.delete();
        }
        return (held ? ExitCode.OK : ExitCode.FAILURE).number();
    }

    private List<AuthorityKind> kinds() throws CliException {
        if (authority.equals(VAULT)) {
            return List.of(AuthorityKind.VAULT_INTERMEDIATE, AuthorityKind.VAULT_LEAF);
        }
        return List.of(AuthorityKind.of(authority)
                .orElseThrow(() -> invocation.usage(
                        "--authority: " + authority + " (expected: " + String.join(", ", new Kinds()) + ")")));
    }

    private void stayUp(Scene scene) throws IOException {
        invocation.say("the shop stays up until Ctrl-C, or the end of standard input. What to try:");
        List<String> commands = List.of(
                scene.curlCheckout().getFirst(),
                scene.curlCheckout().getLast(),
                "$EDITOR " + Scene.quoted(scene.folder().policies().resolve("payment.yaml"))
                        + "   # saved is live; a mistake is refused whole, see "
                        + scene.folder().log("control-plane"),
                Scene.shell(
                        "check",
                        "--proxy",
                        "--state",
                        scene.folder().state().toString(),
                        "--context",
                        scene.shop().context().toString()),
                Scene.shell("tap", "--denied", "--state", scene.folder().state().toString()),
                Scene.shell(
                        "explain",
                        "DECISION_ID",
                        "--state",
                        scene.folder().state().toString()));
        commands.forEach(command -> invocation.say("  " + command));
        while (System.in.read() >= 0) {
            // whatever is typed, only its end counts
        }
    }
}
