package dev.sallyport.authoring.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts each comment of one document to what it stands by: behind a value on its line, above what follows it, or at the end of what it is indented as. */
final class Comments {
    private final int[] text;
    private final List<Place> places = new ArrayList<>();
    private final List<Token> tokens = new ArrayList<>();
    private final List<Span> scalars = new ArrayList<>();

    /** A slot and the collections around it, the innermost last. In the order of the text, outer before inner. */
    private record Place(Written.Slot slot, List<Written.Collection> around) {
        int column() {
            return around.isEmpty() ? 0 : around.getLast().column();
        }
    }

    /** What stands on a line, so that a comment behind it is about {@code slot}. In the order of the text. */
    private record Token(int end, Written.Slot slot) {}

    /** Characters in which # begins no comment. */
    private record Span(int start, int end) {}

    /** A comment; {@code text} "" is an empty line. */
    private record Found(int at, String text, boolean ownLine) {}

    Comments(int[] text, Written.Slot document) {
        this.text = text;
        list(document, List.of());
    }

    private void list(Written.Slot slot, List<Written.Collection> around) {
        places.add(new Place(slot, around));
        slot.key().ifPresent(key -> scalar(key, slot));
        switch (slot.value()) {
            case Written.Scalar scalar -> scalar(scalar, slot);
            case Written.Collection collection -> {
                if (collection.flow()) {
                    tokens.add(new Token(collection.start(), slot));
                }
                List<Written.Collection> inner =
                        Stream.concat(around.stream(), Stream.of(collection)).toList();
                collection.slots().forEach(child -> list(child, inner));
                if (collection.flow()) {
                    tokens.add(new Token(collection.end(), slot));
                }
            }
        }
    }

    private void scalar(Written.Scalar scalar, Written.Slot slot) {
        if (scalar.absent()) {
            return;
        }
        tokens.add(new Token(scalar.start(), slot));
        tokens.add(new Token(scalar.end(), slot));
        int start = scalar.block() ? lineEnd(scalar.start()) : scalar.start(); // "| # why" is a comment
        if (start < scalar.end()) {
            scalars.add(new Span(start, scalar.end()));
        }
    }

    /** Of the text between {@code from} and {@code to}, where this document lies. */
    void place(int from, int to) {
        int next = 0;
        boolean gap = false;
        for (Found found : find(from, to)) {
            for (; next < places.size() && places.get(next).slot().start() < found.at(); next++) {
                gap = closed(gap, places.get(next).slot().before());
            }
            if (found.text().isEmpty()) {
                gap = true;
            } else if (!found.ownLine() && token(found.at()).isPresent()) {
                token(found.at()).get().slot().beside().add(found.text());
            } else {
                List<String> lines = above(found.at(), next);
                gap = closed(gap, lines);
                lines.add(found.text());
            }
        }
        if (next < places.size()) {
            closed(gap, places.get(next).slot().before());
        }
    }

    private static boolean closed(boolean gap, List<String> lines) {
        if (gap) {
            lines.add("");
        }
        return false;
    }

    private List<Found> find(int from, int to) {
        List<Found> found = new ArrayList<>();
        int scalar = 0;
        boolean used = false; // something stands on this line already
        for (int i = from; i < to; ) {
            if (scalar < scalars.size() && scalars.get(scalar).start() == i) {
                i = scalars.get(scalar++).end();
                used = true;
            } else if (text[i] == '#') {
                int end = lineEnd(i);
                found.add(new Found(i, new String(text, i, end - i).stripTrailing(), !used));
                i = end;
                used = true;
            } else {
                if (text[i] == '\n' && !used) {
                    found.add(new Found(i, "", true));
                }
                used = text[i] != '\n' && (used || !Character.isWhitespace(text[i]));
                i++;
            }
        }
        return found;
    }

    /** The last one before {@code at} on the same line. */
    private Optional<Token> token(int at) {
        int low = 0;
        int high = tokens.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (tokens.get(middle).end() <= at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0
                ? Optional.empty()
                : Optional.of(tokens.get(low - 1)).filter(token -> token.end() >= lineStart(at));
    }

    /** For a comment on a line of its own: what follows it, unless it is indented deeper and something as deep has just ended. */
    private List<String> above(int at, int next) {
        Optional<Place> following = next < places.size() ? Optional.of(places.get(next)) : Optional.empty();
        List<Written.Collection> behind = behind(next);
        for (Written.Collection collection : behind.reversed()) {
            if (collection.flow() && collection.start() < at && at < collection.end()) {
                return following
                        .filter(place -> place.slot().start() < collection.end())
                        .map(place -> place.slot().before())
                        .orElse(collection.tail());
            }
        }
        int column = at - lineStart(at);
        if (following.isPresent() && column <= following.get().column()) {
            return following.get().slot().before();
        }
        for (Written.Collection collection : behind.reversed()) {
            if (!collection.flow() && collection.end() <= at && collection.column() <= column) {
                return collection.tail();
            }
        }
        return following.orElseGet(places::getFirst).slot().before();
    }

    /** What has begun before slot {@code next}, the innermost last. */
    private List<Written.Collection> behind(int next) {
        if (next == 0) {
            return List.of();
        }
        Place last = places.get(next - 1);
        List<Written.Collection> behind = new ArrayList<>(last.around());
        if (last.slot().value() instanceof Written.Collection collection) {
            behind.add(collection);
        }
        return behind;
    }

    private int lineStart(int at) {
        int start = at;
        while (start > 0 && text[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    private int lineEnd(int at) {
        int end = at;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        return end;
    }
}
