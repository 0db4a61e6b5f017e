package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Table;
import dev.sallyport.document.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One sidecar's admin port: {@code name} for people, and the file whose content lets its holder change something. The file is read each time it is needed: a sidecar that starts anew has
 * another token, so that whoever was shown the old one while there was no sidecar holds nothing.
 */
public record AdminPort(String name, HostPort address, Optional<Path> tokenFile) {
    private static final int FILE_BYTES_MAX = 1024;
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,512}");

    /** What a sidecar wrote beside its token, {@code HOST:PORT}: the file {@code admin-address} of its state folder. */
    public static AdminPort below(Path stateFolder, String name) throws CliException {
        Path file = stateFolder.resolve("admin-address");
        try {
            return new AdminPort(
                    name, address(file.toString(), content(file)), Optional.of(stateFolder.resolve("admin-token")));
        } catch (NoSuchFileException e) {
            throw new CliException(
                    file
                            + ": not found (expected: a sidecar that is running there; one without this file is older, give --admin HOST:PORT)");
        } catch (IOException e) {
            throw new CliException(file + ": cannot be read (expected: a file of the user who runs the sidecar)");
        }
    }

    /** {@code text}, which {@code what} gave, if it is on this machine's loopback. */
    static HostPort address(String what, String text) throws CliException {
        HostPort address = HostPort.parse(text)
                .filter(found -> found.port() > 0)
                .orElseThrow(() -> new CliException(
                        ExitCode.USAGE,
                        what + ": " + Table.visible(text) + " (expected: HOST:PORT, as 127.0.0.1:15000)"));
        if (!loopback(address.host())) {
            // Plain HTTP with the token in it: anywhere else, the network would read it.
            throw new CliException(
                    ExitCode.USAGE,
                    what + ": " + address
                            + " is not this machine's loopback (expected: as 127.0.0.1:15000; for another machine's sidecar run this there)");
        }
        return address;
    }

    private static boolean loopback(String host) {
        if (host.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    /** Never appears in a message. */
    String token() throws CliException {
        Path file = tokenFile.orElseThrow(
                () -> new CliException(
                        "sidecar: " + address
                                + ": no token to show it (expected: --state DIR of the sidecar, or --token-file with its admin-token)"));
        try {
            if (!PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                    .endsWith("------")) {
                throw new CliException(file + ": others can read it (expected: mode 0600; run chmod 600 " + file + ")");
            }
            String token = content(file);
            if (!TOKEN.matcher(token).matches()) {
                throw new CliException(
                        ExitCode.INVALID,
                        file + ": no token (expected: the admin-token that a sidecar wrote, one word)");
            }
            return token;
        } catch (NoSuchFileException e) {
            throw new CliException(
                    file + ": not found (expected: the admin-token of a sidecar that has started there)");
        } catch (IOException e) {
            throw new CliException(
                    file
                            + ": cannot be read (expected: a file of this user; run as the user who runs the sidecar, for example with sudo -u)");
        }
    }

    private static String content(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.UTF_8).strip();
        }
    }

    @Override
    public String toString() {
        return name.isEmpty() ? address.toString() : name + " at " + address;
    }
}
