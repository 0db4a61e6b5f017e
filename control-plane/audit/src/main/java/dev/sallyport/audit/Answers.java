package dev.sallyport.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Tells those who wait what became of their records: once each, on their loops, all of one loop that stand together in one task. */
final class Answers {
    private Answers() {}

    static void give(List<Waiting> batch, AuditLog.Outcome buffered, AuditLog.Outcome required) {
        List<Waiting.Awaited> together = new ArrayList<>();
        for (Waiting waiting : batch) {
            if (waiting instanceof Waiting.Awaited awaited && awaited.answered().compareAndSet(false, true)) {
                if (!together.isEmpty() && !together.getFirst().loop().equals(awaited.loop())) {
                    run(together, buffered, required);
                    together = new ArrayList<>();
                }
                together.add(awaited);
            }
        }
        run(together, buffered, required);
    }

    private static void run(List<Waiting.Awaited> together, AuditLog.Outcome buffered, AuditLog.Outcome required) {
        if (together.isEmpty()) {
            return;
        }
        Executor loop = together.getFirst().loop();
        try {
            loop.execute(() -> {
                for (Waiting.Awaited awaited : together) {
                    awaited.onDurable().accept(Waiting.isRequired(awaited) ? required : buffered);
                }
            });
        } catch (RejectedExecutionException e) {
            // The loop has ended; its connections have too, and nobody waits for the answer.
        }
    }
}
