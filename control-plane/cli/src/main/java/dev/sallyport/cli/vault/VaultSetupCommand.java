package dev.sallyport.cli.vault;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.setup.SettingsText;
import dev.sallyport.authority.setup.SetupException;
import dev.sallyport.authority.setup.SetupLine;
import dev.sallyport.authority.setup.VaultSetup;
import dev.sallyport.authority.setup.VaultSetup.Another;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code vault setup}: what must be in Vault for a mesh. Works with a token of its own, never with the control plane's. */
@Command(
        description = "Makes a Vault (or OpenBao) sign for a mesh, or compares it with what it must be.",
        footer = {
            "",
            "From an empty Vault to a running control plane. start.yaml:",
            "  address: https://vault.example:8200",
            "  caFile: vault-ca.pem",
            "  auth: {method: approle, role: sallyport, roleIdFile: role_id, secretIdFile: secret_id}",
            "then, with VAULT_TOKEN set to a token that may set Vault up (its policy: --print-setup-policy):",
            "  sallyport vault setup --apply --config start.yaml --trust-domain shop.example --credentials creds",
            "  sallyport control-plane --authority vault-leaf --vault creds/vault.yaml --state DIR …",
            "--apply changes only what is not as it must be, and nothing at all when a right is missing or",
            "something is there that is not Sallyport's. Revoke the token afterwards."
        })
public final class VaultSetupCommand implements Callable<Integer> {
    /** So long a wrapped secret id may take to the control plane that unwraps it. */
    private static final Duration WRAPPED_FOR = Duration.ofHours(1);

    private final Invocation invocation;

    /** What to do; exactly one. */
    static final class Verb {
        @Option(names = "--check", description = "compare, a line for each property; changes nothing")
        private boolean check;

        @Option(
                names = "--apply",
                description =
                        "make it so; prints the settings with the ids of the issuers, for --vault of the control plane")
        private boolean apply;

        @Option(names = "--print-policy", description = "print the policy of the control plane; asks no Vault")
        private boolean printPolicy;

        @Option(
                names = "--print-setup-policy",
                description = "print the policy of the token for --apply; asks no Vault")
        private boolean printSetupPolicy;
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Verb verb = new Verb();

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "vault.yaml: where Vault is, the mounts, how the control plane logs in")
    private Path config;

    @Option(
            names = "--trust-domain",
            required = true,
            paramLabel = "NAME",
            description = "of the mesh, as shop.example")
    private String trustDomain;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            converter = Mode.class,
            completionCandidates = Modes.class,
            description = "for ${COMPLETION-CANDIDATES} alone (default: for both)")
    private Optional<AuthorityKind> mode = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "the token that may set Vault up, mode 0600 (default: VAULT_TOKEN); it is not kept")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--credentials",
            paramLabel = "DIR",
            description =
                    "with --apply: write vault.yaml and the control plane's role_id and secret_id there, 0600; with wrapped: true a"
                            + " secret_id that is good for one start within the hour")
    private Optional<Path> credentials = Optional.empty();

    /** Another issuer; at most one of them, for a new root comes with a new intermediate. */
    static final class New {
        @Option(
                names = "--new-issuer",
                description = "with --apply: make another intermediate beside the present one, for ca rotate")
        private boolean issuer;

        @Option(names = "--new-root", description = "with --apply: make another root, and an intermediate below it")
        private boolean root;

        Another another() {
            return root ? Another.ROOT : issuer ? Another.ISSUER : Another.NONE;
        }
    }

    @ArgGroup(exclusive = true)
    private New anew = new New();

    public VaultSetupCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        if (!verb.apply && (credentials.isPresent() || anew.another() != Another.NONE)) {
            throw invocation.usage("--credentials, --new-issuer, --new-root: only with --apply");
        }
        VaultSettings settings = VaultSettings.read(config);
        Set<AuthorityKind> modes = mode.isPresent() ? EnumSet.of(mode.get()) : Modes.ALL;
        TrustDomain domain = domain();
        if (verb.printPolicy) {
            invocation.printRaw(VaultSetup.policy(settings, domain, modes));
            return ExitCode.OK.number();
        }
        VaultSetup setup = VaultSetup.of(settings, domain, modes, anew.another(), Clock.systemUTC());
        if (verb.printSetupPolicy) {
            invocation.printRaw(setup.setupPolicy());
            return ExitCode.OK.number();
        }
        String token = SetupToken.of(tokenFile, invocation);
        try (VaultGateway gateway = VaultGateway.open(settings)) {
            return verb.check ? check(setup, gateway.as(token), json) : apply(setup, gateway, token, json);
        } catch (VaultException e) {
            throw new CliException(String.valueOf(e.getMessage()));
        } catch (SetupException e) {
            throw new CliException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e.sentences());
        }
    }

    private TrustDomain domain() throws CliException {
        try {
            TrustDomain domain = TrustDomain.parse(trustDomain);
            if (domain.name().contains("_")) {
                throw invocation.usage("--trust-domain: " + domain
                        + " (expected: no underscore; name constraints on it cannot be verified)");
            }
            return domain;
        } catch (InvalidSpiffeIdException e) {
            throw invocation.usage("--trust-domain: " + e.getMessage());
        }
    }

    private int check(VaultSetup setup, Vault vault, boolean json) throws VaultException, SetupException {
        List<SetupLine> lines = setup.check(vault);
        boolean holds = SetupLine.allHold(lines);
        if (json) {
            invocation.print(json(lines, holds));
        } else {
            lines.forEach(line -> invocation.print(painted(line)));
        }
        long wrong = lines.stream().filter(SetupLine::isWrong).count();
        invocation.say(Counted.of(lines.size(), "line") + ", " + wrong + " wrong"
                + (holds ? "" : "; fix: sallyport vault setup --apply"));
        return (holds ? ExitCode.OK : ExitCode.FAILURE).number();
    }

    private int apply(VaultSetup setup, VaultGateway gateway, String token, boolean json)
            throws VaultException, SetupException, CliException {
        Optional<CredentialFiles> files = credentials.map(CredentialFiles::new);
        if (files.isPresent()) {
            files.get().prepare();
        }
        Vault vault = gateway.as(token);
        List<SetupLine> lines = new ArrayList<>();
        setup.apply(vault, files.isPresent(), line -> {
            lines.add(line);
            invocation.say(painted(line));
        });
        VaultSettings settings = setup.found();
        if (files.isPresent()) {
            settings = files.get().here(settings);
            boolean wrapped = settings.auth() instanceof VaultAuth.AppRole appRole && appRole.wrapped();
            Vault forSecretId = wrapped ? gateway.wrapping(token, WRAPPED_FOR) : vault;
            boolean made = files.get().write(setup, vault, forSecretId, settings);
            invocation.say((made ? "new credentials and the settings: " : "credentials kept, settings written: ")
                    + files.get().settingsFile());
        }
        String text = SettingsText.of(settings);
        if (json) {
            invocation.print(json(lines, true).put("settings", text));
        } else {
            invocation.printRaw(text);
        }
        return ExitCode.OK.number();
    }

    private String painted(SetupLine line) {
        Colour colour = switch (line.outcome()) {
            case HOLDS, DONE -> Colour.GOOD;
            case DOUBTFUL -> Colour.DOUBTFUL;
            case WRONG, FOREIGN -> Colour.BAD;
            case KEPT -> Colour.FAINT;
        };
        return invocation.paint(colour, line.outcome().mark()) + " " + Table.visible(line.sentence());
    }

    private static ObjectNode json(Collection<SetupLine> lines, boolean ok) {
        ObjectNode json = Invocation.JSON.createObjectNode().put("ok", ok);
        ArrayNode list = json.putArray("lines");
        lines.forEach(line -> list.addObject()
                .put("outcome", line.outcome().name().toLowerCase(Locale.ROOT))
                .put("where", line.where())
                .put("what", line.what()));
        return json;
    }

    /** The two kinds that need a Vault, by the words of the control plane's {@code authority}. */
    static final class Modes implements Iterable<String> {
        private static final Set<AuthorityKind> ALL =
                EnumSet.of(AuthorityKind.VAULT_INTERMEDIATE, AuthorityKind.VAULT_LEAF);
        private static final List<String> WORDS =
                ALL.stream().map(AuthorityKind::code).toList();

        @Override
        public Iterator<String> iterator() {
            return WORDS.iterator();
        }
    }

    /** From such a word. */
    static final class Mode implements ITypeConverter<AuthorityKind> {
        @Override
        public AuthorityKind convert(String word) {
            return AuthorityKind.of(word)
                    .filter(Modes.ALL::contains)
                    .orElseThrow(() -> new TypeConversionException(word + " (expected: one of " + Modes.WORDS + ")"));
        }
    }
}
