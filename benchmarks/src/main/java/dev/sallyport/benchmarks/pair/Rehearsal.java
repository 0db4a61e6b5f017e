package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A configuration that ran once and was stopped: all its files are written and all its addresses known, so that its programs can be started again, at once, and nothing but their own start is measured.
 *
 * @param address where the load goes once they run
 * @param programs the callee's first, as they were started
 */
public record Rehearsal(String name, InetSocketAddress address, List<Program> programs, Workplace workplace) {
    /** {@code part}: which proxy of the pair it is. */
    record Program(String part, Child ended) {}

    /** Starts the configuration, and stops it. */
    public static Rehearsal of(Workplace workplace, Pair.Starter starter) throws IOException, InterruptedException {
        List<Child> before = workplace.children();
        try (Pair pair = starter.start()) {
            List<Program> programs = new ArrayList<>();
            for (Child child : workplace.children().reversed()) {
                if (!before.contains(child)) {
                    programs.add(new Program(part(pair, child), child));
                }
            }
            return new Rehearsal(starter.name(), pair.address(), List.copyOf(programs), workplace);
        }
    }

    private static String part(Pair pair, Child child) {
        return pair.parts().stream()
                .filter(part -> part.pids().contains(child.pid()))
                .map(Part::name)
                .findFirst()
                .orElse("other");
    }

    /** Executes all programs, one right behind the other. With what they keep between runs, unless {@link #forget} was called. */
    public Running start() throws IOException {
        List<Child> children = new ArrayList<>();
        for (Program program : programs) {
            children.add(program.ended.again(workplace));
        }
        return new Running(this, List.copyOf(children));
    }

    /** Whether any of its programs keeps something from one run to the next. */
    public boolean keeps() throws IOException {
        return !states().isEmpty();
    }

    /** Deletes what sidecars keep from one run to the next: the next start is a first one. */
    public void forget() throws IOException {
        for (Path state : states()) {
            delete(state);
        }
    }

    private List<Path> states() throws IOException {
        List<Path> states = new ArrayList<>();
        for (Program program : programs) {
            if (program.ended.folder().isPresent()) {
                try (DirectoryStream<Path> found =
                        Files.newDirectoryStream(program.ended.folder().get(), Sidecars.STATE + "*")) {
                    found.forEach(states::add);
                }
            }
        }
        return states.stream().distinct().toList();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Its programs, executed and perhaps not ready yet. */
    public record Running(Rehearsal rehearsal, List<Child> children) implements AutoCloseable {
        /** Of {@link System#nanoTime}, before the first was executed. */
        public long started() {
            return children.stream().mapToLong(Child::started).min().orElseThrow();
        }

        /** Whether none has ended. */
        public boolean alive() {
            return children.stream().allMatch(Child::alive);
        }

        /** From the execution of the first program to its first line; for programs that say when they are ready. */
        public Duration ready(Duration patience) throws IOException, InterruptedException {
            Child first = children.getFirst();
            first.firstLine(patience);
            return first.ready();
        }

        /** With the processes that they have now: a program that has answered has all of them. */
        public Pair pair() {
            List<Part> parts = new ArrayList<>();
            for (String name : List.of("outbound", "inbound")) {
                List<Long> pids = pids(name);
                if (!pids.isEmpty()) {
                    parts.add(new Part(name, pids));
                }
            }
            return new Pair(rehearsal.name, rehearsal.address, parts, this::close);
        }

        private List<Long> pids(String part) {
            return Stream.iterate(0, i -> i < children.size(), i -> i + 1)
                    .filter(i -> rehearsal.programs.get(i).part.equals(part))
                    .map(i -> children.get(i).pids())
                    .flatMap(Collection::stream)
                    .toList();
        }

        /** One line: what the programs said, in the name of {@code what} went wrong. */
        public IOException failure(String what) {
            return children.stream()
                    .filter(child -> !child.alive())
                    .findFirst()
                    .orElse(children.getFirst())
                    .failure(what);
        }

        @Override
        public void close() {
            children.reversed().forEach(rehearsal.workplace::stop);
        }
    }
}
