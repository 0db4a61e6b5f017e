package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportRecord;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where a copy goes. One thread at a time; blocks. */
interface Sink extends Closeable {
    /** Hands over a batch once. IOException: nobody knows whether it arrived; it is handed over again. */
    Outcome deliver(List<ExportRecord> batch) throws IOException, InterruptedException;

    /** What became of a batch. */
    sealed interface Outcome {
        /** The sink has all of it but {@code refused}, which it will never take, and {@code unnamed} more that it did not name; {@code leftOut}: those that its format has no words for. */
        record Taken(List<Refused> refused, long unnamed, long leftOut) implements Outcome {
            static final Taken ALL = new Taken(List.of(), 0, 0);

            public Taken {
                refused = List.copyOf(refused);
            }
        }

        /** {@code left} of it must be handed over again, not before {@code retryAfter}, the rest is there but {@code refused}. Nothing is wrong with the records. */
        record Again(List<ExportRecord> left, List<Refused> refused, Optional<Duration> retryAfter, String why)
                implements Outcome {
            public Again {
                left = List.copyOf(left);
                refused = List.copyOf(refused);
            }
        }

        /** {@code refused} will never be taken; {@code left} is handed over again at once. */
        record Rest(List<ExportRecord> left, List<Refused> refused) implements Outcome {
            public Rest {
                left = List.copyOf(left);
                refused = List.copyOf(refused);
            }
        }

        /** Nothing of it is there for sure: too large, or something in it is not to the sink's taste. Smaller parts of it may be. */
        record Split(String why) implements Outcome {}
    }

    /** A record that the sink does not take, and its reason. */
    record Refused(ExportRecord record, String why) {}

    @Override
    default void close() throws IOException {}
}
