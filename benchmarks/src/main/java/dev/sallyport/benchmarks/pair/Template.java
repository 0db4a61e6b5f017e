package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A peer's configuration as it lies in {@code benchmarks/peers}, with places {@code @name@} to be filled. */
record Template(Path file) {
    private static final Pattern PLACE = Pattern.compile("@([a-zA-Z]+)@");

    /** {@code name}: below {@code benchmarks/peers}. */
    static Template named(String name) throws IOException {
        return new Template(peers().resolve(name));
    }

    /** In the checkout whose launcher started us, or in which we were started. */
    private static Path peers() throws IOException {
        Path launcher = Path.of(System.getProperty("sallyport.launcher", "sallyport"))
                .toAbsolutePath()
                .normalize();
        return Stream.iterate(
                        Optional.ofNullable(launcher.getParent()),
                        Optional::isPresent,
                        folder -> folder.map(Path::getParent))
                .map(folder -> folder.orElseThrow().resolve("benchmarks/peers"))
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow(() ->
                        new IOException("benchmarks/peers: not found (expected: in the checkout of " + launcher + ")"));
    }

    /** @throws IOException also for a place that has no value: no program is to guess what stands there */
    String filled(Map<String, String> values) throws IOException {
        String text = Files.readString(file);
        Optional<String> unknown = PLACE.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(name -> !values.containsKey(name))
                .findFirst();
        if (unknown.isPresent()) {
            throw new IOException(file + ": @" + unknown.get() + "@ (expected: some of "
                    + String.join(", ", values.keySet().stream().sorted().toList()) + ")");
        }
        return PLACE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1))));
    }
}
