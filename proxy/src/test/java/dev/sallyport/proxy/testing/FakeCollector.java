package dev.sallyport.proxy.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.proxy.controlplane.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes batches as the collector does: checks seals, follows each stream, and has switches for what goes wrong. */
public final class FakeCollector {
    public final List<SealedBatch> batches = new CopyOnWriteArrayList<>();
    /** Answers instead, when present. */
    public volatile Optional<Reply> instead = Optional.empty();
    /** How many of the next answers get lost on their way, after the batch was taken. */
    public final AtomicInteger answersLost = new AtomicInteger();
    /** Takes a batch that begins too late after asking so often. */
    public volatile int patience = 2;

    private final Map<String, TreeMap<Long, String>> streams = new HashMap<>(); // guarded by this
    private int asked; // guarded by this

    /** Empty: the answer is lost. */
    public synchronized Optional<Reply> take(byte[] bytes) {
        if (instead.isPresent()) {
            return instead;
        }
        try {
            SealedBatch batch = SealedBatch.decode(bytes);
            if (!batch.seal()
                    .signedBy(
                            Pem.certificates(batch.seal().chainPem()).getFirst().getPublicKey())) {
                return Optional.of(refused(403));
            }
            batches.add(batch);
            Reply reply = take(batch);
            return answersLost.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? Optional.empty() : Optional.of(reply);
        } catch (InvalidMessageException | SvidRejectedException e) {
            return Optional.of(refused(400));
        }
    }

    private Reply take(SealedBatch batch) {
        TreeMap<Long, String> stream = streams.computeIfAbsent(batch.seal().stream(), _ -> new TreeMap<>());
        long last = stream.isEmpty() ? 0 : stream.lastKey();
        if (batch.seal().first() > last + 1 && asked++ < patience) {
            return new Reply(409, Optional.empty(), Wire.encode(new Wire.Gap(batch.seal().stream(), last + 1)));
        }
        asked = 0;
        long number = batch.seal().first();
        for (String line : new String(batch.lines(), US_ASCII).split("\n", -1)) {
            if (!line.isEmpty()) {
                stream.put(number++, line);
            }
        }
        return new Reply(200, Optional.empty(), Wire.encode(new Wire.Receipt(batch.seal().stream(), stream.lastKey())));
    }

    private static Reply refused(int status) {
        return new Reply(status, Optional.empty(), new byte[0]);
    }

    /** As after the loss of its store. */
    public synchronized void forget(long after) {
        streams.values().forEach(stream -> stream.tailMap(after, false).clear());
    }

    /** Every line of every stream, in order, each number once. */
    public synchronized List<String> lines() {
        return streams.values().stream()
                .flatMap(stream -> stream.values().stream())
                .toList();
    }

    public synchronized List<Long> numbers() {
        return streams.values().stream()
                .flatMap(stream -> stream.keySet().stream())
                .toList();
    }
}
