package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which control plane to ask, as whom, and whom to believe: the file that a control plane writes at its first start. */
public record AdminContext(
        String mesh,
        TrustDomain trustDomain,
        HostPort api,
        List<X509Certificate> certificate,
        PrivateKey privateKey,
        TrustBundle trustBundle) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /** Where the context is: the option, then {@code SALLYPORT_CONTEXT}, then the user's configuration folder. */
    public static Path locate(Optional<Path> option, Map<String, String> environment) {
        return option.or(() -> Optional.ofNullable(environment.get("SALLYPORT_CONTEXT"))
                        .filter(value -> !value.isEmpty())
                        .map(Path::of))
                .orElseGet(() -> configFolder(environment).resolve("sallyport").resolve("admin.json"));
    }

    private static Path configFolder(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        // The XDG specification ignores a relative one.
        return xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".config");
    }

    /** Refuses a file that others can read: it holds the administrator's key. */
    public static AdminContext read(Path file) throws CliException {
        try {
            if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw new CliException(
                        "context: " + file + ": others can read it (expected: mode 0600; run chmod 600 " + file + ")");
            }
            return of(file, JSON.readTree(Files.readAllBytes(file)));
        } catch (NoSuchFileException missing) {
            throw new CliException(
                    "context: " + file
                            + ": not found (expected: the admin.json of a control plane; give it with --context or SALLYPORT_CONTEXT)");
        } catch (JsonProcessingException | SvidRejectedException | InvalidSpiffeIdException malformed) {
            // The parser's own message could quote the key.
            throw new CliException(
                    ExitCode.INVALID, "context: " + file + ": malformed (expected: an admin.json of a control plane)");
        } catch (IOException unreadable) {
            throw new CliException(
                    "context: " + file + ": cannot be read (expected: a file that this user owns, mode 0600)");
        }
    }

    private static AdminContext of(Path file, JsonNode json)
            throws CliException, SvidRejectedException, InvalidSpiffeIdException {
        TrustDomain trustDomain = TrustDomain.parse(text(file, json, "trustDomain"));
        String api = text(file, json, "api");
        return new AdminContext(
                text(file, json, "mesh"),
                trustDomain,
                HostPort.parse(api)
                        .orElseThrow(() -> new CliException(
                                ExitCode.INVALID, "context: " + file + ": api: " + api + " (expected: host:port)")),
                Pem.certificates(text(file, json, "certificate")),
                Pem.privateKey(text(file, json, "privateKey")),
                TrustBundle.ofPem(trustDomain, text(file, json, "trustBundle")));
    }

    private static String text(Path file, JsonNode json, String key) throws CliException {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw new CliException(
                    ExitCode.INVALID,
                    "context: " + file + ": " + key + ": missing (expected: an admin.json of a control plane)");
        }
        return value.textValue();
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "AdminContext[" + mesh + " at " + api + "]";
    }
}
