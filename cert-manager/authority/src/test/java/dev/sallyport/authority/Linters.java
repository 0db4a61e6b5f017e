package dev.sallyport.authority;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Published linters of certificates, on this machine. A test whose linter is missing is skipped and says how to get it; under {@code -Ppeers} it is installed once, into
 * {@code ~/.cache/sallyport-peers}.
 */
final class Linters {
    private static final String PKILINT = "pkilint==0.13.3";
    private static final String ZLINT = "github.com/zmap/zlint/v3/cmd/zlint@v3.7.3";
    private static final long INSTALL_MINUTES_MAX = 15;
    private static final long RUN_SECONDS_MAX = 60;

    /** What holds for any certificate; the rest are rules of browsers, of the CA/Browser forum, and of mail. */
    private static final String ZLINT_SOURCES = "RFC3279,RFC5280,RFC5480,RFC5891,RFC8813,Community";

    private static final Pattern PKILINT_FINDING = Pattern.compile(
            "\"severity\": \"(\\w+)\", \"code\": \"([^\"]+)\", \"message\": (null|\"(?:\\\\.|[^\"\\\\])*\")");
    private static final Pattern ZLINT_FINDING =
            Pattern.compile("\"(\\w+)\":\\{[^{}]*\"result\":\"(warn|error|fatal)\"");

    private Linters() {}

    /** What a linter has against a certificate. */
    record Finding(String severity, String code, String message) {}

    /** A linter that was found. */
    interface Linter {
        /** Of warnings and worse. */
        List<Finding> findings(Path pem) throws IOException, InterruptedException;
    }

    static Linter zlint() throws IOException, InterruptedException {
        Path program = zlintProgram();
        return pem -> {
            List<String> command = List.of(program.toString(), "-includeSources", ZLINT_SOURCES, pem.toString());
            String output = run(new ProcessBuilder(command));
            if (!output.contains("\"result\":\"pass\"")) {
                throw new IOException("zlint " + pem + ": no results, but: " + output);
            }
            List<Finding> findings = new ArrayList<>();
            for (Matcher finding = ZLINT_FINDING.matcher(output); finding.find(); ) {
                findings.add(new Finding(finding.group(2), finding.group(1), ""));
            }
            return findings;
        };
    }

    static Linter pkilint() throws IOException, InterruptedException {
        Path packages = pkilintPackages();
        return pem -> pkilint(packages, "lint_pkix_cert", pem);
    }

    /** What is wrong between an issuer and what it issued. */
    static List<Finding> pkilintOfPair(Path issuer, Path subject) throws IOException, InterruptedException {
        return pkilint(pkilintPackages(), "lint_pkix_signer_signee_cert_chain", issuer, subject);
    }

    private static List<Finding> pkilint(Path packages, String tool, Path... files)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("python3", "-m", "pkilint.bin." + tool, "lint", "-f", "JSON", "-s", "WARNING"));
        Arrays.stream(files).map(Path::toString).forEach(command::add);
        ProcessBuilder lint = new ProcessBuilder(command);
        lint.environment().put("PYTHONPATH", packages.toString());
        String output = run(lint);
        if (!output.startsWith("{\"results\": [")) {
            throw new IOException(tool + " " + Arrays.toString(files) + ": no results, but: " + output);
        }
        List<Finding> findings = new ArrayList<>();
        for (Matcher finding = PKILINT_FINDING.matcher(output); finding.find(); ) {
            findings.add(new Finding(finding.group(1), finding.group(2), finding.group(3)));
        }
        return findings;
    }

    private static Path pkilintPackages() throws IOException, InterruptedException {
        if (onPath("python3").isEmpty()) {
            return skip("no pkilint, and no python3 on the PATH that could run it");
        }
        Path cached = cache().resolve(PKILINT.replace("==", "-"));
        if (Files.isDirectory(cached)) {
            return cached;
        }
        if (!Boolean.getBoolean("sallyport.peers")) {
            return skip("no pkilint: python3 -m pip install --target " + cached + " " + PKILINT);
        }
        Path part = Files.createTempDirectory(Files.createDirectories(cache()), "pkilint.part");
        install(List.of("python3", "-m", "pip", "install", "--target", part.toString(), PKILINT), Map.of());
        try {
            Files.move(part, cached);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(cached)) { // else another run was faster, and its result is as good
                throw e;
            }
        }
        return cached;
    }

    /** By {@code -Dsallyport.zlint}, by {@code SALLYPORT_ZLINT}, on the PATH, or in the cache. */
    private static Path zlintProgram() throws IOException, InterruptedException {
        Path cached = cache().resolve("zlint");
        Optional<Path> found = Optional.ofNullable(System.getProperty("sallyport.zlint"))
                .or(() -> Optional.ofNullable(System.getenv("SALLYPORT_ZLINT")))
                .map(Path::of)
                .or(() -> onPath("zlint"))
                .or(() -> Optional.of(cached).filter(Files::isExecutable));
        if (found.isPresent()) {
            return found.get();
        }
        if (!Boolean.getBoolean("sallyport.peers")) {
            return skip("no zlint: GOBIN=~/.cache/sallyport-peers go install " + ZLINT
                    + ", or name one in SALLYPORT_ZLINT");
        }
        Path go = onPath("go").orElseGet(() -> skip("no zlint, and no go on the PATH that could build " + ZLINT));
        install(List.of(go.toString(), "install", ZLINT), Map.of("GOBIN", cache().toString()));
        return cached;
    }

    private static Path cache() {
        return Path.of(System.getProperty("user.home"), ".cache", "sallyport-peers");
    }

    private static Optional<Path> onPath(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void install(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("install", ".log");
        System.err.println(String.join(" ", command) + "; its output: " + log);
        ProcessBuilder install =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        install.environment().putAll(environment);
        Process installing = install.start();
        if (!installing.waitFor(INSTALL_MINUTES_MAX, TimeUnit.MINUTES)) {
            installing.destroyForcibly();
            throw new IOException(command + ": more than " + INSTALL_MINUTES_MAX + " min; see " + log);
        }
        if (installing.exitValue() != 0) {
            throw new IOException(command + ": exit " + installing.exitValue() + "; see " + log);
        }
    }

    /** Its standard output; the exit code of both linters only counts findings. */
    private static String run(ProcessBuilder linter) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("lint", ".log");
        Process linting = linter.redirectError(errors.toFile()).start();
        String output = new String(linting.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!linting.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS)) {
            linting.destroyForcibly();
            throw new IOException(linter.command() + ": more than " + RUN_SECONDS_MAX + " s");
        }
        return output.isEmpty() ? Files.readString(errors) : output;
    }

    private static Path skip(String reason) {
        System.err.println("skipped: " + reason);
        return Assumptions.abort(reason);
    }
}
