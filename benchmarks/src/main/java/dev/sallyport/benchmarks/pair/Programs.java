package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where programs are on this machine. Nothing is installed.
 *
 * @param environment PATH, HOME and SALLYPORT_ENVOY of it
 * @param besides folders that are searched after PATH
 */
record Programs(Map<String, String> environment, List<Path> besides) {
    private static final String ENVOY_IN_PACKAGE = "_bin/envoy";

    Programs {
        environment = Map.copyOf(environment);
        besides = List.copyOf(besides);
    }

    /** Debian puts proxies where not everybody's PATH leads. */
    static Programs ofSystem() {
        return new Programs(System.getenv(), List.of(Path.of("/usr/sbin"), Path.of("/usr/local/sbin")));
    }

    Optional<Path> find(String name) {
        Stream<Path> path = Stream.of(environment.getOrDefault("PATH", "").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of);
        return Stream.concat(path, besides.stream())
                .map(folder -> folder.resolve(name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** {@code SALLYPORT_ENVOY} or nothing, where it is set; else PATH, the venv that the advice makes, Python's package. */
    Optional<Path> envoy() {
        Optional<String> given = Optional.ofNullable(environment.get("SALLYPORT_ENVOY"));
        if (given.isPresent()) {
            return given.map(Path::of).filter(Files::isExecutable);
        }
        return find("envoy").or(this::envoyOfVenv).or(this::envoyOfPython);
    }

    private Optional<Path> envoyOfVenv() {
        Path lib = Path.of(environment.getOrDefault("HOME", "/"), ".cache/sallyport-peers/envoy-1.40.0/lib");
        try (DirectoryStream<Path> pythons = Files.newDirectoryStream(lib, "python3*")) {
            for (Path python : pythons) {
                Path binary = python.resolve("site-packages/envoy").resolve(ENVOY_IN_PACKAGE);
                if (Files.isExecutable(binary)) {
                    return Optional.of(binary);
                }
            }
        } catch (IOException e) {
            // It was never made.
        }
        return Optional.empty();
    }

    private Optional<Path> envoyOfPython() {
        return find("python3")
                .flatMap(python -> Said.by(
                        List.of(python.toString(), "-c", "import envoy, os; print(os.path.dirname(envoy.__file__))")))
                .map(folder -> Path.of(folder.strip()).resolve(ENVOY_IN_PACKAGE))
                .filter(Files::isExecutable);
    }

    /**
     * The line of a configuration with which {@code nginx} has its stream module: empty where it is built in.
     *
     * @return nothing where there is no such module
     */
    Optional<String> streamModule(Path nginx) {
        List<String> options = Said.by(List.of(nginx.toString(), "-V")).stream()
                .flatMap(text -> Stream.of(text.split("\\s+")))
                .toList();
        if (options.contains("--with-stream")) {
            return Optional.of("");
        }
        return options.stream()
                .filter(option -> option.startsWith("--modules-path="))
                .map(option -> Path.of(option.substring(option.indexOf('=') + 1), "ngx_stream_module.so"))
                .filter(Files::isReadable)
                .map(file -> "load_module " + file + ";")
                .findFirst();
    }

    /** The first line of what the program says of itself that is not empty. */
    String version(Path program, String option) {
        return Said.by(List.of(program.toString(), option)).stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                // Envoy begins with where it is, which is nobody's business.
                .map(line -> line.replace(program.toString(), String.valueOf(program.getFileName())))
                .orElse("unknown");
    }
}
