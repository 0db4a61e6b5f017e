package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sidecar's AOT cache: made by one command, used as long as it is of what would run, and else never. The sidecar's help tells which code ran. */
class AotCacheTest {
    private static final long TRAIN_SECONDS = 180;
    private static final String OLD_CODE = "this text";
    private static final String NEW_CODE = "that text";
    private static final String NOT_USED = "sallyport: AOT cache not used";

    @TempDir
    private static Path folder;

    private static Path home;
    private static Path jar;
    private static Path cache;
    private static String training;

    @TempDir
    private Path temporary;

    /** Of a copy of the archive, in which entries of the sidecar's jar are stored and not compressed: so it can change and keep its size. */
    @BeforeAll
    static void train() throws IOException, InterruptedException {
        home = folder.toRealPath().resolve("sallyport");
        assertThat(Shell.run(List.of("cp", "-a", Archive.home().toString(), home.toString()))
                        .exit())
                .isZero();
        try (var jars = Files.newDirectoryStream(home.resolve("lib"), "sallyport-proxy-*.jar")) {
            jar = jars.iterator().next();
        }
        rewrite(OLD_CODE, OLD_CODE);
        Path log = folder.resolve("train.log");
        Process process = new ProcessBuilder(home.resolve("sallyport").toString(), "train")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(TRAIN_SECONDS, TimeUnit.SECONDS))
                .as(log.toString())
                .isTrue();
        training = Files.readString(log);
        assertThat(process.exitValue()).as(training).isZero();
        cache = home.resolve("aot/proxy.aot");
    }

    @Test
    void trainingSaysWhatItMadeAndLeavesNothingElse() throws IOException {
        assertThat(training).contains(cache + ", made in ");
        try (var files = Files.list(cache.getParent())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("proxy.aot", "proxy.sums", "proxy.seen");
        }
    }

    @Test
    void sidecarStartsFromTheCache() throws IOException {
        assertThat(mainClassSource(Map.of())).contains("shared objects file");
    }

    @Test
    void untouchedCopyOfAJarIsTheSameJar() throws IOException {
        byte[] same = Files.readAllBytes(jar);
        Files.delete(jar);
        Files.write(jar, same);
        assertThat(mainClassSource(Map.of())).contains("shared objects file");
        assertThat(mainClassSource(Map.of())).contains("shared objects file");
    }

    @Test
    void changedJarOfTheSameSizeAndTimeRunsItsNewCode() throws IOException {
        FileTime time = Files.getLastModifiedTime(jar);
        long size = Files.size(jar);
        rewrite(OLD_CODE, NEW_CODE);
        Files.setLastModifiedTime(jar, time);
        assertThat(Files.size(jar)).isEqualTo(size);
        try {
            Shell.Result help = help(Map.of());
            assertThat(help.out()).contains(NEW_CODE).doesNotContain(OLD_CODE);
            assertThat(help.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith(NOT_USED)
                    .endsWith(home.resolve("sallyport") + " train");
        } finally {
            rewrite(NEW_CODE, OLD_CODE);
            Files.setLastModifiedTime(jar, time);
        }
        assertThat(help(Map.of()).err()).isEmpty();
    }

    @Test
    void optionsThatTheCacheDoesNotHoldMayDiffer() throws IOException {
        assertThat(mainClassSource(Map.of(
                        "SALLYPORT_JAVA_OPTIONS", "-Dx=y -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0")))
                .contains("shared objects file");
    }

    @Test
    void otherOptionsRunWithout() throws IOException {
        assertNotUsed(Map.of("SALLYPORT_JAVA_OPTIONS", "-XX:-UseSerialGC -XX:+UseParallelGC"));
    }

    @Test
    void otherJdkRunsWithout() throws IOException {
        Path other = Files.createSymbolicLink(temporary.resolve("jdk"), Path.of(System.getProperty("java.home")));
        assertNotUsed(Map.of("SALLYPORT_JAVA", other.toString()));
    }

    @Test
    void truncatedCacheIsNotUsed() throws IOException {
        Path kept = temporary.resolve("kept");
        Files.copy(cache, kept);
        try {
            try (FileChannel channel = FileChannel.open(cache, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() / 2);
            }
            assertNotUsed(Map.of());
        } finally {
            Files.delete(cache);
            Files.move(kept, cache);
        }
    }

    @Test
    void missingCacheIsNotMissed() throws IOException {
        Path away = temporary.resolve("away");
        Files.move(cache, away);
        try {
            assertNotUsed(Map.of());
        } finally {
            Files.move(away, cache);
        }
    }

    private static void assertNotUsed(Map<String, String> environment) {
        Shell.Result help = help(environment);
        assertThat(help.exit()).as(help.err()).isZero();
        assertThat(help.out()).contains(OLD_CODE);
        assertThat(help.err().lines()).singleElement().asString().startsWith(NOT_USED);
    }

    private static Shell.Result help(Map<String, String> environment) {
        return Shell.run(List.of(home.resolve("sallyport").toString(), "proxy", "--help"), environment, "");
    }

    /** As the JVM tells it: {@code source: shared objects file}, or the jar. */
    private String mainClassSource(Map<String, String> environment) throws IOException {
        Path log = temporary.resolve("classes");
        Map<String, String> more = new HashMap<>(environment);
        more.put("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + log);
        assertThat(help(more).exit()).isZero();
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("dev.sallyport.proxy.Proxy source:"))
                .findFirst()
                .orElseThrow();
    }

    /** The sidecar's jar with {@code after} in place of {@code before}, which has the same length, in the class that prints its help. */
    private static void rewrite(String before, String after) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar));
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.getName().equals("dev/sallyport/proxy/Flags.class")) {
                    String text = new String(content, StandardCharsets.ISO_8859_1);
                    assertThat(text).contains(before);
                    content = text.replace(before, after).getBytes(StandardCharsets.ISO_8859_1);
                }
                out.putNextEntry(stored(entry, content));
                out.write(content);
            }
        }
        Files.write(jar, bytes.toByteArray());
    }

    private static ZipEntry stored(ZipEntry of, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(of.getName());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(of.getTime());
        return entry;
    }
}
