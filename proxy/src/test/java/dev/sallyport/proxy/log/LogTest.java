package dev.sallyport.proxy.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogTest {
    @Test
    void lineIsOneJsonObjectInOrder() {
        String line = Log.line(Level.INFO, "snapshot in force", "revision", 7L, "ok", true, "text", "a\nb");
        assertThat(line)
                .startsWith("{\"time\":\"")
                .endsWith(
                        "\"level\":\"info\",\"message\":\"snapshot in force\",\"revision\":7,\"ok\":true,\"text\":\"a\\nb\"}")
                .doesNotContain("\n");
    }

    @Test
    void linesComeOutInTheOrderTheyWentIn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Log log = new Log(new PrintStream(out, true, StandardCharsets.UTF_8));
        for (int i = 0; i < 50; i++) {
            log.add(Level.INFO, "line " + i);
        }
        log.awaitWritten(Duration.ofSeconds(5));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(50);
        assertThat(lines.get(49)).contains("line 49");
    }

    @Test
    void fullQueueDropsAndCountsInsteadOfBlocking() {
        CountDownLatch stuck = new CountDownLatch(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Log log = new Log(new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        try {
                            stuck.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        out.write(b);
                    }
                },
                false,
                StandardCharsets.UTF_8));
        int extra = 10;
        for (int i = 0; i < Log.QUEUE_LINES + 1 + extra; i++) {
            log.add(Level.INFO, "line");
        }
        stuck.countDown();
        log.awaitWritten(Duration.ofSeconds(5));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("log lines dropped");
    }

    @Test
    void warningOfLibraryBecomesOneLine() {
        LogRecord record = new LogRecord(java.util.logging.Level.WARNING, "odd {0}");
        record.setParameters(new Object[] {"frame"});
        assertThat(LibraryLogs.text(record)).isEqualTo("odd frame");
    }

    private static List<String> written(Level least) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Log log = new Log(new PrintStream(out, true, StandardCharsets.UTF_8));
        Level before = Log.level();
        Log.level(least);
        try {
            for (Level level : Level.values()) {
                log.add(level, "of " + level.word());
            }
        } finally {
            Log.level(before);
        }
        log.awaitWritten(Duration.ofSeconds(5));
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll(".*\"message\":\"of (.*)\"}", "$1"))
                .toList();
    }

    @Test
    void lineBelowTheLevelIsNotWritten() {
        assertThat(Log.level()).isEqualTo(Level.INFO);
        assertThat(written(Level.INFO)).containsExactly("info", "warn", "error");
        assertThat(written(Level.DEBUG)).containsExactly("debug", "info", "warn", "error");
        assertThat(written(Level.WARN)).containsExactly("warn", "error");
        assertThat(written(Level.ERROR)).containsExactly("error");
    }

    @Test
    void debugIsAskedForBeforeItsLinesAreMade() {
        assertThat(Log.debugs()).isFalse();
        Log.level(Level.DEBUG);
        try {
            assertThat(Log.debugs()).isTrue();
        } finally {
            Log.level(Level.INFO);
        }
    }

    @Test
    void levelIsOneOfFourWords() {
        assertThat(Level.of("debug")).contains(Level.DEBUG);
        assertThat(Level.of("error")).contains(Level.ERROR);
        assertThat(List.of("", "INFO", "warning", "trace", "off"))
                .allSatisfy(word -> assertThat(Level.of(word)).isEmpty());
    }
}
