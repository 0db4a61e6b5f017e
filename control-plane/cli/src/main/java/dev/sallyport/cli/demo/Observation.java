package dev.sallyport.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** What a step saw, line by line, whether all of it was as it must be, and the commands that show it again. One thread. */
final class Observation {
    private final List<String> seen = new ArrayList<>();
    private final List<String> repeat = new ArrayList<>();
    private boolean ok = true;
    private boolean shown;

    /** A line that proves nothing by itself. */
    void saw(String line) {
        seen.add(line);
    }

    /** A line that must hold; a step without one has shown nothing. */
    void must(boolean holds, String line) {
        ok &= holds;
        shown = true;
        seen.add(holds ? line : "NOT AS IT MUST BE: " + line);
    }

    /** Ends the step: what it needed did not happen. */
    void failed(String why) {
        ok = false;
        seen.add("FAILED: " + why);
    }

    /** A command for a shell, with real ports and paths. */
    void repeat(String command) {
        repeat.add(command);
    }

    boolean ok() {
        return ok && shown;
    }

    List<String> seen() {
        return List.copyOf(seen);
    }

    List<String> repeat() {
        return List.copyOf(repeat);
    }
}
