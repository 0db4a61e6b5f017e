package dev.sallyport.benchmarks.audit;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditVerifier;
import dev.sallyport.audit.ChainCheck;
import dev.sallyport.audit.Shipping;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A process that appends is killed by SIGKILL, again and again, always on the same log; after each time the log is opened as after any crash and read to its end. What was vouched for
 * must be there, once, under a number that nothing else ever had, and the chain must hold. One thread.
 */
public final class KillRounds {
    private static final int BATCH_BYTES = 1024 * 1024;
    private static final int START_SECONDS_MAX = 60;

    /** {@code problems}: empty when all is as it must be. */
    public record Result(int kills, long acknowledged, long records, long tornBytes, List<String> problems) {}

    private final Path folder;
    private final int waiters;
    private final Random random;
    private final int livesMillisMax;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private ChainCheck chain = ChainCheck.after("0".repeat(64), 0);
    private int kills;
    private long acknowledged;
    private long records;
    private long tornBytes;

    /** Each life ends at random within {@code livesMillisMax} after its first acknowledgement. */
    public KillRounds(Path folder, int waiters, int livesMillisMax, Random random) {
        this.folder = folder;
        this.waiters = waiters;
        this.livesMillisMax = livesMillisMax;
        this.random = random;
    }

    /** One life, one death, and what was found. */
    public void round() throws IOException, InterruptedException {
        Set<String> vouched = live("k" + kills);
        seen.clear();
        kills++;
        acknowledged += vouched.size();
        if (vouched.isEmpty()) {
            problems.add("kill " + kills + ": nothing was acknowledged within " + START_SECONDS_MAX + " s");
        }
        try (AuditLog log = AuditLog.open(folder, Victim.settings(), Clock.systemUTC())) {
            AuditVerifier.verify(folder)
                    .bad()
                    .ifPresent(bad -> problems.add(
                            "kill " + kills + ": " + bad.file() + ":" + bad.line() + ": " + bad.problem()));
            read(log.shipping(), vouched);
        }
        for (String missing : vouched) {
            problems.add("kill " + kills + ": acknowledged, but not on record: " + missing);
        }
    }

    public Result result() {
        return new Result(kills, acknowledged, records, tornBytes, List.copyOf(problems));
    }

    /** What a process acknowledged before it died. */
    private Set<String> live(String name) throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        folder.toString(),
                        name,
                        String.valueOf(waiters))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Set<String> vouched = new HashSet<>();
        Thread killer = Thread.ofVirtual().unstarted(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(livesMillisMax));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            kill(victim);
        });
        Thread late = Thread.ofVirtual().start(() -> {
            try {
                TimeUnit.SECONDS.sleep(START_SECONDS_MAX);
                kill(victim);
            } catch (InterruptedException e) {
                // It began in time.
            }
        });
        try (BufferedReader lines = victim.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (vouched.isEmpty()) {
                    killer.start();
                    late.interrupt();
                }
                vouched.add(line);
            }
        }
        late.interrupt();
        kill(victim);
        victim.waitFor();
        return vouched;
    }

    /** By its handle: {@link Process#destroyForcibly} would throw away what it said last. */
    private static void kill(Process victim) {
        victim.toHandle().destroyForcibly();
    }

    /** As a collector would: every line once, each held against the chain of all lives. */
    private void read(Shipping shipping, Set<String> vouched) throws IOException {
        for (Optional<Shipping.Stretch> next = shipping.after(chain.number(), BATCH_BYTES);
                next.isPresent();
                next = shipping.after(chain.number(), BATCH_BYTES)) {
            byte[] lines = next.get().lines();
            int from = 0;
            for (int i = 0; i < lines.length; i++) {
                if (lines[i] == '\n') {
                    long before = chain.number();
                    Optional<String> problem = chain.problem(lines, from, i);
                    if (problem.isPresent() || chain.number() <= before) {
                        throw new IOException("kill " + kills + ": number " + before + " and what follows: "
                                + problem.orElse("does not rise"));
                    }
                    line(new String(lines, from, i - from, StandardCharsets.US_ASCII), vouched);
                    from = i + 1;
                }
            }
        }
        shipping.received(chain.number());
    }

    private void line(String line, Set<String> vouched) {
        records++;
        member(line, "\"audit.record.id\":\"", '"').ifPresent(id -> {
            if (!seen.add(id)) {
                problems.add("kill " + kills + ": twice on record: " + id);
            }
            vouched.remove(id);
        });
        member(line, "\"sallyport.audit.torn_bytes\":", ',').ifPresent(bytes -> tornBytes += Long.parseLong(bytes));
    }

    private static Optional<String> member(String line, String before, char after) {
        int from = line.indexOf(before);
        return from < 0
                ? Optional.empty()
                : Optional.of(line.substring(from + before.length(), line.indexOf(after, from + before.length())));
    }
}
