package dev.sallyport.authoring.format;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** A text that {@code document.Documents} read without a problem → what is written where. Hence no aliases, tags, directives or keys that are no scalars. */
final class WrittenReader {
    private final int[] text;
    private final Iterator<Event> events;

    private WrittenReader(String text) {
        this.text = text.codePoints().toArray();
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build(); // checked before
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /** Each document as a slot without a key, its comments in place. Documents without a value are left out. */
    static List<Written.Slot> read(String text) {
        WrittenReader reader = new WrittenReader(text);
        List<Written.Slot> documents = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        while (reader.events.hasNext()) {
            if (reader.events.next() instanceof DocumentStartEvent start) {
                Written value = reader.value(reader.events.next());
                if (!(value instanceof Written.Scalar scalar && scalar.absent())) {
                    documents.add(new Written.Slot(Optional.empty(), value));
                    starts.add(index(start.getStartMark()));
                }
            }
        }
        for (int i = 0; i < documents.size(); i++) {
            int from = i == 0 ? 0 : starts.get(i);
            int to = i + 1 == documents.size() ? reader.text.length : starts.get(i + 1);
            new Comments(reader.text, documents.get(i)).place(from, to);
        }
        return documents;
    }

    private Written value(Event event) {
        int start = index(event.getStartMark());
        if (event instanceof ScalarEvent scalar) {
            return scalar(scalar, start);
        }
        CollectionStartEvent begin = (CollectionStartEvent) event;
        boolean mapping = event instanceof MappingStartEvent;
        List<Written.Slot> slots = new ArrayList<>();
        Event next = events.next();
        while (next.getEventId() != Event.ID.MappingEnd && next.getEventId() != Event.ID.SequenceEnd) {
            if (mapping) {
                Written.Scalar key = (Written.Scalar) value(next);
                slots.add(new Written.Slot(Optional.of(key), value(events.next())));
            } else {
                slots.add(new Written.Slot(Optional.empty(), value(next)));
            }
            next = events.next();
        }
        // Brackets are its own; without them ([a: b], or block style) it ends with its last value.
        boolean bracketed = begin.isFlow() && index(begin.getEndMark()) > start;
        int end = bracketed ? index(next.getEndMark()) : slots.getLast().value().end();
        int column = event.getStartMark().map(Mark::getColumn).orElse(0);
        return new Written.Collection(start, end, column, mapping, begin.isFlow(), slots, new ArrayList<>());
    }

    private Written.Scalar scalar(ScalarEvent event, int start) {
        int end = index(event.getEndMark());
        while (end > start && Character.isWhitespace(text[end - 1])) {
            end--; // empty lines behind a block scalar are the document's
        }
        return new Written.Scalar(start, end, event.getValue(), event.getScalarStyle());
    }

    private static int index(Optional<Mark> mark) {
        return mark.orElseThrow().getIndex();
    }
}
