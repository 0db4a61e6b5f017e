package dev.sallyport.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sidecar as a process of its own. */
record ProxyProcess(Process process, Path stderr) implements AutoCloseable {
    /** Does not wait. */
    static ProxyProcess start(Path stderr, String... arguments) throws IOException {
        return start(List.of(), stderr, arguments);
    }

    /** {@code options}: further ones of its JVM. */
    static ProxyProcess start(List<String> options, Path stderr, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Proxy.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(stderr.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_"));
        return new ProxyProcess(builder.start(), stderr);
    }

    String log() throws IOException {
        return Files.readString(stderr);
    }

    /** The ready line; once. */
    String ready() throws Exception {
        BufferedReader stdout = process.inputReader(UTF_8);
        String line = CompletableFuture.supplyAsync(() -> {
                    try {
                        return String.valueOf(stdout.readLine());
                    } catch (IOException e) {
                        return e.toString();
                    }
                })
                .completeOnTimeout("no line within 30 s", 30, TimeUnit.SECONDS)
                .get();
        assertThat(line).as("ready line; stderr: " + log()).startsWith("{");
        return line;
    }

    /** What is on standard output after the ready line, to its end. */
    List<String> rest() {
        return process.inputReader(UTF_8).lines().toList();
    }

    static String field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    /** Ends by itself with {@code code}, and one sentence on stderr that says {@code sentence}. */
    void endsWith(int code, String sentence) throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log()).contains(sentence).doesNotContain("\tat ");
        assertThat(log().lines().filter(line -> line.startsWith("sallyport: "))).hasSize(1);
        assertThat(process.exitValue()).isEqualTo(code);
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
