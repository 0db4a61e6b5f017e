package dev.sallyport.authority.vault;

import dev.sallyport.document.Code;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code vault.yaml}. {@code address}: https, host and port; {@code caFile}: PEM of who may have signed its certificate, the system's roots when empty. {@code mount} with {@code role}
 * and {@code issuer} sign leaves; {@code rootMount} with {@code rootIssuer} signs intermediates of {@code intermediateLife}. Issuers are ids: what a mount calls its default moves.
 */
public record VaultSettings(
        URI address,
        Optional<Path> caFile,
        Optional<String> namespace,
        String mount,
        String rootMount,
        String role,
        Optional<String> issuer,
        Optional<String> rootIssuer,
        Duration intermediateLife,
        VaultAuth auth) {
    private static final String MOUNT = "pki_mesh";
    private static final String ROOT_MOUNT = "pki_root";
    private static final String ROLE = "mesh-leaf";
    private static final Duration INTERMEDIATE_LIFE = Duration.ofDays(14);
    private static final Duration INTERMEDIATE_LIFE_MIN = Duration.ofDays(7);
    private static final Duration INTERMEDIATE_LIFE_MAX = Duration.ofDays(30);

    /** They become part of paths: a dot or a percent sign could lead to another endpoint. */
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern ISSUER =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** As a file with these three and nothing else. */
    public static VaultSettings of(URI address, Path caFile, VaultAuth auth) {
        return new VaultSettings(
                address,
                Optional.of(caFile),
                Optional.empty(),
                MOUNT,
                ROOT_MOUNT,
                ROLE,
                Optional.empty(),
                Optional.empty(),
                INTERMEDIATE_LIFE,
                auth);
    }

    /** The same with other issuers. */
    public VaultSettings withIssuers(Optional<String> leaves, Optional<String> intermediates) {
        return new VaultSettings(
                address, caFile, namespace, mount, rootMount, role, leaves, intermediates, intermediateLife, auth);
    }

    /** The same for who logs in in another way. */
    public VaultSettings withAuth(VaultAuth other) {
        return new VaultSettings(
                address, caFile, namespace, mount, rootMount, role, issuer, rootIssuer, intermediateLife, other);
    }

    /** Strictly, every problem at once; paths are relative to the file. */
    public static VaultSettings read(Path file) throws IOException, InvalidDocumentException {
        Problems problems = new Problems();
        List<Node> documents = Documents.parse(Source.read(file).getFirst(), problems);
        problems.throwIfAny();
        if (documents.size() != 1) {
            problems.add(
                    new Location(file.toString(), 1, 1),
                    "",
                    Code.FORM,
                    documents.size() + " documents (expected: one mapping, key: value)");
            problems.throwIfAny();
        }
        Path base = Optional.ofNullable(file.toAbsolutePath().getParent())
                .orElseGet(() -> Path.of("").toAbsolutePath());
        Fields fields = Fields.of(documents.getFirst(), "", problems);
        VaultSettings settings = new Reader(fields, base).settings();
        fields.done();
        problems.throwIfAny();
        return settings;
    }

    private record Reader(Fields fields, Path base) {
        VaultSettings settings() {
            return new VaultSettings(
                    address(),
                    optionalFile(fields, "caFile"),
                    formed("namespace", PATH, "a path of A-Z, a-z, 0-9, _ and -"),
                    formed("mount", PATH, "a mount's path, as pki_mesh").orElse(MOUNT),
                    formed("rootMount", PATH, "a mount's path, as pki_root").orElse(ROOT_MOUNT),
                    formed("role", NAME, "a role's name, as mesh-leaf").orElse(ROLE),
                    issuer("issuer"),
                    issuer("rootIssuer"),
                    fields.duration(
                            "intermediateLife", INTERMEDIATE_LIFE, INTERMEDIATE_LIFE_MIN, INTERMEDIATE_LIFE_MAX),
                    auth());
        }

        /** Only https: over http, whoever is on the way has the token. */
        private URI address() {
            String text = fields.text("address");
            try {
                URI address = new URI(text);
                String path = Optional.ofNullable(address.getRawPath()).orElse("");
                boolean bare = (path.isEmpty() || path.equals("/"))
                        && address.getRawUserInfo() == null
                        && address.getRawQuery() == null
                        && address.getRawFragment() == null;
                if ("https".equals(address.getScheme()) && address.getHost() != null && bare) {
                    return URI.create("https://" + address.getRawAuthority());
                }
            } catch (URISyntaxException e) {
                // Falls through to the same words.
            }
            if (!text.isEmpty()) {
                fields.problem(
                        "address", Code.VALUE, text + " (expected: https://host:port, without a path or credentials)");
            }
            return URI.create("https://invalid");
        }

        private Optional<String> issuer(String key) {
            return formed(key, ISSUER, "an issuer's id, as sallyport vault setup prints it; what is the default moves");
        }

        private Optional<String> formed(String key, Pattern form, String expected) {
            return formed(fields, key, form, expected);
        }

        private static Optional<String> formed(Fields fields, String key, Pattern form, String expected) {
            Optional<String> text = fields.optionalText(key);
            if (text.isPresent() && !form.matcher(text.get()).matches()) {
                fields.problem(key, Code.VALUE, text.get() + " (expected: " + expected + ")");
                return Optional.empty();
            }
            return text;
        }

        private VaultAuth auth() {
            Fields auth = fields.fields("auth");
            String method = auth.oneOf("method", null, "approle", "jwt", "cert", "token");
            VaultAuth read = switch (method) {
                case "approle" ->
                    new VaultAuth.AppRole(
                            mount(auth, "approle"),
                            role(auth),
                            file(auth, "roleIdFile"),
                            file(auth, "secretIdFile"),
                            auth.bool("wrapped", false));
                case "jwt" -> new VaultAuth.Jwt(mount(auth, "jwt"), role(auth), file(auth, "jwtFile"));
                case "cert" ->
                    new VaultAuth.Certificate(
                            mount(auth, "cert"), role(auth), file(auth, "certificateFile"), file(auth, "keyFile"));
                default -> new VaultAuth.TokenFile(file(auth, "tokenFile"));
            };
            auth.done();
            return read;
        }

        private static String mount(Fields auth, String fallback) {
            return formed(auth, "mount", PATH, "the auth method's path, as " + fallback)
                    .orElse(fallback);
        }

        private static String role(Fields auth) {
            if (!auth.has("role")) {
                auth.missing("role", "the role's name at the auth method");
            }
            return formed(auth, "role", NAME, "a role's name").orElse("");
        }

        private Path file(Fields fields, String key) {
            return resolve(fields.text(key));
        }

        private Optional<Path> optionalFile(Fields fields, String key) {
            return fields.optionalText(key).map(this::resolve);
        }

        private Path resolve(String text) {
            return base.resolve(text).toAbsolutePath().normalize();
        }
    }
}
