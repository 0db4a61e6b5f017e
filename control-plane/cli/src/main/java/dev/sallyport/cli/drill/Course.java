package dev.sallyport.cli.drill;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.SerialsInUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A drill under way: what it did so far and how long each part took. One thread. */
final class Course {
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration SAY_EVERY = Duration.ofSeconds(10);

    /** A part that is over. */
    record Phase(String what, Duration took) {}

    private final ControlPlaneApi api;
    private final Traffic traffic;
    private final Duration length;
    private final Duration patience;
    private final Consumer<String> progress;
    private final List<Phase> phases = new ArrayList<>();
    private final long began = System.nanoTime();

    /** {@code length}: how long it lasts; {@code patience}: how long what must follow may take. */
    Course(ControlPlaneApi api, Traffic traffic, Duration length, Duration patience, Consumer<String> progress) {
        this.api = api;
        this.traffic = traffic;
        this.length = length;
        this.patience = patience;
        this.progress = progress;
    }

    /** Something that takes time. */
    @FunctionalInterface
    interface Part {
        void run() throws CliException, InterruptedException;
    }

    ControlPlaneApi api() {
        return api;
    }

    Duration length() {
        return length;
    }

    Duration patience() {
        return patience;
    }

    List<Phase> phases() {
        return List.copyOf(phases);
    }

    void say(String line) {
        progress.accept(line);
    }

    /** Does a part, and notes how long it took if it came to its end. */
    void phase(String what, Part part) throws CliException, InterruptedException {
        long since = System.nanoTime();
        part.run();
        done(what, since);
    }

    /** Notes a part that began at {@code since} of {@link System#nanoTime} and is over. */
    void done(String what, long since) {
        Phase done = new Phase(what, Duration.ofNanos(System.nanoTime() - since));
        phases.add(done);
        say(what + ": " + text(done.took()));
    }

    /** The certificates of all that are connected; a drill without anybody shows nothing. */
    SerialsInUse serials() throws CliException {
        SerialsInUse serials = SerialsInUse.of(api, _ -> true);
        if (serials.bySidecar().isEmpty()) {
            throw new CliException("sidecars: none is connected (expected: a mesh that runs)");
        }
        return serials;
    }

    /** What traffic has come to; a request that failed ends the drill. */
    Traffic.Result check() throws CliException, InterruptedException {
        Traffic.Result result = traffic.result();
        if (result.failed() > 0) {
            throw new CliException(
                    "requests: " + result.failed() + " of " + result.requests() + " failed (expected: none)");
        }
        return result;
    }

    /** Since this course began. */
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Lets traffic pass for so long; the first request that fails ends it. */
    void watch(Duration time) throws CliException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        long said = System.nanoTime();
        while (System.nanoTime() - end < 0) {
            Traffic.Result result = check();
            if (System.nanoTime() - said > SAY_EVERY.toNanos()) {
                said = System.nanoTime();
                say("another " + Durations.text(Duration.ofNanos(end - said)) + "; " + result.requests()
                        + " requests so far, none failed");
            }
            Thread.sleep(TICK);
        }
    }

    static String text(Duration duration) {
        return duration.toSeconds() >= 60
                ? Durations.text(duration)
                : String.format(java.util.Locale.ROOT, "%.2f s", duration.toMillis() / 1000.0);
    }
}
