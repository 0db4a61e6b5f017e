package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The demo's child processes by name. {@link #close} may come from any thread at any time, and nothing is started after it. */
final class Processes implements AutoCloseable {
    /** Thirteen JVMs may share two slow cores. */
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private static final int LINES_SHOWN = 5;

    private final DemoFolder folder;
    private final Map<String, Launch> running = new TreeMap<>(); // guarded by this
    private boolean closed; // guarded by this

    Processes(DemoFolder folder) {
        this.folder = folder;
    }

    /** Starts {@code sallyport command arguments…}; does not wait. */
    synchronized void launch(String name, String command, List<String> arguments) throws CliException {
        if (closed) {
            throw new CliException("the demo is stopping");
        }
        running.put(name, Launch.start(folder.log(name), command, arguments));
    }

    /** Its ready line, once it is there. */
    JsonNode ready(String name) throws CliException {
        Launch process = find(name).orElseThrow(() -> new CliException(name + ": not running"));
        try {
            return process.awaitReady(START_LIMIT);
        } catch (CliException e) {
            throw new CliException(e.exitCode(), name + ": " + e.getMessage(), lastWords(name));
        }
    }

    /** A temporary folder is gone when somebody wants to read the log. */
    private List<String> lastWords(String name) {
        try {
            List<String> lines = Files.readAllLines(folder.log(name));
            return lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** Of a running process. */
    long pid(String name) {
        return find(name).orElseThrow().pid();
    }

    private synchronized Optional<Launch> find(String name) {
        return Optional.ofNullable(running.get(name));
    }

    synchronized int alive() {
        return (int) running.values().stream().filter(Launch::isAlive).count();
    }

    /** Those whose names are chosen, all at once; returns when they have ended. */
    void stop(Predicate<String> which) {
        Map<String, Launch> stopping = new TreeMap<>();
        synchronized (this) {
            running.forEach((name, process) -> {
                if (which.test(name)) {
                    stopping.put(name, process);
                }
            });
            running.keySet().removeAll(stopping.keySet());
        }
        List<Thread> stops = stopping.values().stream()
                .map(process -> Thread.ofPlatform().start(process::stop))
                .toList();
        boolean interrupted = false;
        for (Thread stop : stops) {
            try {
                stop.join();
            } catch (InterruptedException e) {
                interrupted = true; // the others are still stopping
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sidecars first, then what they need. Safe to call twice. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stop(name -> name.endsWith(Shop.SIDECAR));
        stop(name -> true);
    }
}
