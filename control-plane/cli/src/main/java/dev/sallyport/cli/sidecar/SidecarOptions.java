package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.LocalCertificate;
import dev.sallyport.cli.StateFolders;
import dev.sallyport.document.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Which sidecars of this machine are meant: by an address, or by their state folders. */
final class SidecarOptions {
    private static final HostPort DEFAULT = new HostPort("127.0.0.1", 15000);
    private static final Path HERE = Path.of("state");

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "the sidecar's admin port, on this machine (default: 127.0.0.1:15000)")
    private Optional<String> admin = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "the admin-token of its state folder; needed for a change and by tap")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "instead: the state folder of a sidecar, or one above several, of which SERVICE names choose (default: ./state)")
    private Optional<Path> state = Optional.empty();

    /** The one that is meant; {@code service} chooses where there are several. */
    AdminPort one(Invocation invocation, Optional<String> service) throws CliException {
        List<AdminPort> found = all(invocation, service.stream().toList());
        if (found.size() > 1) {
            throw several(found.stream().map(AdminPort::name).toList());
        }
        return found.getFirst();
    }

    /** All of {@code services}, or all that there are; never empty. */
    List<AdminPort> all(Invocation invocation, List<String> services) throws CliException {
        if (state.isPresent() && (admin.isPresent() || tokenFile.isPresent())) {
            throw invocation.usage("--state: with --admin or --token-file (expected: one or the other)");
        }
        if (admin.isPresent()) {
            if (!services.isEmpty()) {
                throw invocation.usage("SERVICE " + services.getFirst()
                        + ": with --admin (expected: --state DIR, where names choose)");
            }
            return List.of(new AdminPort("", AdminPort.address("--admin", admin.get()), tokenFile));
        }
        if (state.isPresent() || !services.isEmpty()) {
            return below(state.orElse(HERE), services);
        }
        return tokenFile.isPresent() ? List.of(new AdminPort("", DEFAULT, tokenFile)) : here();
    }

    private static List<AdminPort> below(Path folder, List<String> services) throws CliException {
        List<Path> folders = StateFolders.below(folder);
        Set<String> unknown = new TreeSet<>(services);
        List<AdminPort> found = new ArrayList<>();
        List<CliException> absent = new ArrayList<>();
        for (Path one : folders) {
            List<String> names = names(one);
            if (!services.isEmpty() && names.stream().noneMatch(services::contains)) {
                continue;
            }
            unknown.removeAll(names);
            try {
                found.add(AdminPort.below(one, names.getFirst()));
            } catch (CliException e) {
                absent.add(e);
            }
        }
        if (!unknown.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "SERVICE " + String.join(", ", unknown) + ": no state folder below " + folder + " (expected: of "
                            + String.join(
                                    ", ",
                                    folders.stream()
                                            .map(path -> names(path).getFirst())
                                            .toList()) + ")");
        }
        if (found.isEmpty()) {
            throw absent.getFirst();
        }
        return found;
    }

    /** Those below {@code ./state}; where there is none, whoever listens on the default port, without a token if it is nobody's there. */
    private static List<AdminPort> here() {
        List<AdminPort> started = new ArrayList<>();
        if (Files.isDirectory(HERE)) {
            List<Path> folders;
            try {
                folders = StateFolders.below(HERE);
            } catch (CliException e) {
                folders = List.of(); // some other program's folder of that name
            }
            for (Path folder : folders) {
                try {
                    started.add(AdminPort.below(folder, names(folder).getFirst()));
                } catch (CliException e) {
                    // One that has not started here is not meant.
                }
            }
        }
        return started.isEmpty() ? List.of(new AdminPort("", DEFAULT, Optional.empty())) : started;
    }

    private static CliException several(Collection<String> names) {
        return new CliException(
                ExitCode.USAGE,
                "SERVICE: there are several sidecars (expected: one of " + String.join(", ", names)
                        + ", or --state DIR of one)");
    }

    /** As the folder is called, and as its certificate says. */
    private static List<String> names(Path folder) {
        List<String> names = new ArrayList<>();
        names.add(String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
        try {
            String id = LocalCertificate.read(folder).id().toString();
            names.add(id.substring(id.lastIndexOf('/') + 1));
        } catch (CliException e) {
            // Not joined yet: its folder's name has to do.
        }
        return names;
    }
}
