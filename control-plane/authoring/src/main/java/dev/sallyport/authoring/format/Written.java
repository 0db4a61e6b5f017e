package dev.sallyport.authoring.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;

/** A value as it is written: where it begins and ends (code points from the beginning of the text), in which style. What is not about form is {@code document.Node}'s. */
sealed interface Written {
    int start();

    /** Behind its last character. */
    int end();

    /** A text, with its quotes or without. */
    record Scalar(int start, int end, String text, ScalarStyle style) implements Written {
        boolean plain() {
            return style == ScalarStyle.PLAIN;
        }

        /** Whether it is all there is of a value that was left out: {@code key:}. */
        boolean absent() {
            return start == end;
        }

        boolean block() {
            return style == ScalarStyle.LITERAL || style == ScalarStyle.FOLDED;
        }
    }

    /** A mapping or a list; {@code column} counts from 0. {@code tail}: comments behind its last slot. */
    record Collection(
            int start, int end, int column, boolean mapping, boolean flow, List<Slot> slots, List<String> tail)
            implements Written {
        Collection with(List<Slot> others) {
            return new Collection(start, end, column, mapping, flow, others, tail);
        }

        boolean commented() {
            return !tail.isEmpty() || slots.stream().anyMatch(Slot::commented);
        }
    }

    /**
     * A place that holds a value: an entry of a mapping, an item of a list, or a whole document. {@code before} are the lines of comment above it, "" for an empty line; {@code beside}
     * the comments behind it on its own line, of which the last stays there.
     */
    record Slot(Optional<Scalar> key, Written value, List<String> before, List<String> beside) {
        Slot(Optional<Scalar> key, Written value) {
            this(key, value, new ArrayList<>(), new ArrayList<>());
        }

        Slot with(Written other) {
            return new Slot(key, other, before, beside);
        }

        int start() {
            return key.map(Scalar::start).orElseGet(value::start);
        }

        boolean commented() {
            return before.stream().anyMatch(line -> !line.isEmpty())
                    || !beside.isEmpty()
                    || (value instanceof Collection collection && collection.commented());
        }
    }
}
