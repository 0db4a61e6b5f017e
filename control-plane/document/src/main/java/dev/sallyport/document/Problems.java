package dev.sallyport.document;

import java.util.ArrayList;
import java.util.List;

/** Collects every problem of a load; at most {@value #MAX}, further ones are counted. One thread. */
public final class Problems {
    /** Enough to mend a folder by; more would only fill a terminal. */
    public static final int MAX = 1000;

    private final List<Problem> list = new ArrayList<>();
    private int more;

    /** {@code path} is the place inside the document, {@code ""} for the whole. */
    public void add(Location location, String path, String code, String message) {
        add(new Problem(location, path, code, message));
    }

    public void add(Problem problem) {
        if (list.size() < MAX) {
            list.add(problem);
        } else {
            more++;
        }
    }

    /** Whether a further problem is only counted, so that nobody need find words for it. */
    public boolean isFull() {
        return list.size() >= MAX;
    }

    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** In the order of discovery; the last one says how many were left out. */
    public List<Problem> list() {
        if (more == 0) {
            return List.copyOf(list);
        }
        List<Problem> all = new ArrayList<>(list);
        all.add(new Problem(
                list.getLast().location(), "", Code.TOO_LARGE, "and " + more + " more problems (mend these first)"));
        return List.copyOf(all);
    }

    public void throwIfAny() throws InvalidDocumentException {
        if (!list.isEmpty()) {
            throw new InvalidDocumentException(list());
        }
    }
}
