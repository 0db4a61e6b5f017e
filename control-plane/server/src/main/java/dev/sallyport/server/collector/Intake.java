package dev.sallyport.server.collector;

import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what becomes of verified batches, one group at a time: what is new gets its place after everything before it. A group counts once it is durable ({@link Group#commit});
 * until then, and when that fails, the streams are as they were. The collector's thread only.
 */
final class Intake {
    /** A sidecar that sends the same again after it was told this often what is missing, and for at least so long, does not have it. */
    private static final int ASKED_TIMES = 2;

    private static final Duration ASKED_FOR = Duration.ofSeconds(2);

    private final Streams streams;
    private final History history;
    private final Notices notices;
    private final Clock clock;
    private final Map<String, Asked> asked = new HashMap<>();

    /** That {@code expected} was asked for {@code times} times, the first of them at {@code since}. */
    private record Asked(long expected, int times, Instant since) {}

    Intake(Streams streams, History history, Notices notices, Clock clock) {
        this.streams = streams;
        this.history = history;
        this.notices = notices;
        this.clock = clock;
    }

    /** {@code end}: the index of the next leaf. */
    Group group(long end) {
        return new Group(end);
    }

    final class Group {
        private final Map<String, StreamState> changed = new HashMap<>();
        private final List<Frame> frames = new ArrayList<>();
        private final List<Runnable> afterwards = new ArrayList<>();
        private long end;

        private Group(long end) {
            this.end = end;
        }

        List<Frame> frames() {
            return frames;
        }

        /** A leaf of the collector's own; its index. */
        long add(byte[] leaf) throws BatchRefusedException {
            frames.add(Frame.taken(end, List.of(leaf), Optional.empty()));
            return end++;
        }

        /** The answer once the group is durable. */
        Answer add(VerifiedBatch batch) throws BatchRefusedException {
            String name = batch.stream().text();
            Optional<StreamState> watched =
                    Optional.ofNullable(changed.get(name)).or(() -> streams.find(name));
            Optional<StreamState> known = watched.or(() -> history.state(name));
            if (known.isEmpty()) {
                streams.refuseHaste(batch.identity());
            }
            if (watched.isEmpty()) {
                streams.makeRoom(batch.identity(), clock.instant());
            }
            StreamState state =
                    known.orElseGet(() -> StreamState.begin(batch.stream(), batch.identity(), clock.instant()));
            if (!state.identity().equals(batch.identity())) {
                throw new BatchRefusedException(
                        Reason.STREAM, "stream: another identity's (expected: one of " + batch.identity() + ")");
            }
            return switch (Continuity.of(state, batch)) {
                case Continuity.Next(int from) -> take(batch, from, known);
                case Continuity.Known _ -> new Answer.Received(name, state.last());
                case Continuity.Older _ -> older(batch, state);
                case Continuity.Fork(long number) -> throw forked(batch, number);
                case Continuity.Missing(long expected) -> missing(batch, expected, known);
            };
        }

        private Answer take(VerifiedBatch batch, int from, Optional<StreamState> before) throws BatchRefusedException {
            SealLeaf seal = SealLeaf.of(batch, from, clock.instant());
            List<byte[]> leaves = new ArrayList<>();
            batch.lines().subList(from, batch.lines().size()).forEach(line -> leaves.add(line.bytes()));
            leaves.add(seal.toBytes());
            Frame frame = Frame.taken(end, leaves, Optional.of(seal));
            frames.add(frame);
            end = frame.end();
            StreamState now = seal.applied(before);
            changed.put(batch.stream().text(), now);
            if (before.isEmpty()) {
                afterwards.add(() -> notices.began(now));
            }
            return new Answer.Received(batch.stream().text(), now.last());
        }

        private Answer missing(VerifiedBatch batch, long expected, Optional<StreamState> before)
                throws BatchRefusedException {
            String name = batch.stream().text();
            Instant now = clock.instant();
            Asked known = asked.get(name);
            Asked so = known != null && known.expected() == expected ? known : new Asked(expected, 0, now);
            if (so.times() < ASKED_TIMES || now.isBefore(so.since().plus(ASKED_FOR))) {
                remember(name, new Asked(expected, so.times() + 1, so.since()));
                return new Answer.Missing(name, expected);
            }
            afterwards.add(() -> {
                asked.remove(name);
                notices.gap(name, expected, batch.seal().first() - 1);
            });
            return take(batch, 0, before);
        }

        private void remember(String name, Asked what) {
            if (asked.size() >= Streams.STREAMS_MAX) {
                asked.clear();
            }
            asked.put(name, what);
        }

        private Answer older(VerifiedBatch batch, StreamState state) throws BatchRefusedException {
            Optional<Long> other = history.firstOther(batch, frames);
            if (other.isPresent()) {
                throw forked(batch, other.get());
            }
            return new Answer.Received(batch.stream().text(), state.last());
        }

        private BatchRefusedException forked(VerifiedBatch batch, long number) {
            notices.fork(batch.stream().text(), number);
            return new BatchRefusedException(
                    Reason.FORK,
                    "record " + number + ": another one than the log has (expected: one history; move the sidecar's log"
                            + " folder aside, so that it begins a stream of its own)");
        }

        /** The frames are durable. */
        void commit() {
            changed.values().forEach(streams::put);
            afterwards.forEach(Runnable::run);
        }
    }
}
