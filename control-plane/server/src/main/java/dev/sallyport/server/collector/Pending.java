package dev.sallyport.server.collector;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Frames that are durable in the journal and not in the tiled log yet, in order. Any thread. */
final class Pending {
    /** Of the leaves: minutes of a busy mesh, should the folder of the log be slow or full. */
    static final long BYTES_MAX = 64L * 1024 * 1024;

    private final Deque<Frame> frames = new ArrayDeque<>(); // guarded by this
    private long bytes;

    synchronized void add(List<Frame> durable) {
        for (Frame frame : durable) {
            frames.add(frame);
            bytes += frame.bytes();
        }
    }

    /** Whether nothing more should be taken: what is answered has to go on into the log some time. */
    synchronized boolean isFull() {
        return bytes >= BYTES_MAX;
    }

    /** The oldest ones, at least one if there is any, together hardly more than {@code bytesMax}. */
    synchronized List<Frame> oldest(long bytesMax) {
        List<Frame> some = new ArrayList<>();
        long sum = 0;
        for (Frame frame : frames) {
            if (sum >= bytesMax) {
                break;
            }
            some.add(frame);
            sum += frame.bytes();
        }
        return some;
    }

    /** Forgets what a log of this size has. */
    synchronized void integrated(long logSize) {
        while (!frames.isEmpty() && frames.getFirst().end() <= logSize) {
            bytes -= frames.removeFirst().bytes();
        }
    }

    /** The frame that holds this leaf. */
    synchronized Optional<Frame> holding(long index) {
        return frames.stream()
                .filter(frame -> frame.first() <= index && index < frame.end())
                .findFirst();
    }

    /** All of them, newest first. */
    synchronized List<Frame> newestFirst() {
        List<Frame> all = new ArrayList<>(frames);
        return all.reversed();
    }

    synchronized long leaves() {
        return frames.isEmpty() ? 0 : frames.getLast().end() - frames.getFirst().first();
    }
}
