package dev.sallyport.server.stream;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponseWriter;
import dev.sallyport.server.issuance.Peer;
import dev.sallyport.server.mesh.Leases;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The way down to one sidecar. One frame is under way; of what waits behind it only the newest snapshot is kept, beside one request to rotate, one to try a canary, and one heartbeat:
 * a slow sidecar costs one frame of memory. Any thread; never blocks.
 */
final class SidecarStream {
    /** The trailer that says why a stream was ended. */
    static final String REASON = "x-sallyport-reason";

    private final Leases.Holder holder;
    private final Peer peer;
    private final HttpResponseWriter writer;
    private boolean writing; // guarded by this, as all below
    private Instant newest = Instant.MIN; // issue time of the newest snapshot offered
    private Optional<byte[]> snapshot = Optional.empty();
    private Optional<Runnable> snapshotWritten = Optional.empty();
    private Optional<byte[]> rotate = Optional.empty();
    private Optional<byte[]> canary = Optional.empty();
    private Instant canaryAfter = Instant.MIN; // issue time of the snapshot that must have gone before
    private Optional<byte[]> heartbeat = Optional.empty();
    private OptionalLong leftAt =
            OptionalLong.empty(); // System.nanoTime when the newest snapshot left, until it is acked

    SidecarStream(Leases.Holder holder, Peer peer, HttpResponseWriter writer) {
        this.holder = holder;
        this.peer = peer;
        this.writer = writer;
    }

    Leases.Holder holder() {
        return holder;
    }

    Peer peer() {
        return peer;
    }

    /** Replaces a snapshot that still waits, unless a newer one was offered before. {@code written} runs when this one has left. */
    void snapshot(byte[] frame, Instant issuedAt, Runnable written) {
        synchronized (this) {
            if (!issuedAt.isAfter(newest)) {
                return;
            }
            newest = issuedAt;
            snapshot = Optional.of(frame);
            snapshotWritten = Optional.of(written);
            leftAt = OptionalLong.empty();
        }
        pump();
    }

    /** Notes the first ack since the newest snapshot left: after how long it came, in nanoseconds; empty for one of an older snapshot, or a second one. */
    synchronized OptionalLong acked(long nowNanos) {
        OptionalLong took = leftAt.isPresent() ? OptionalLong.of(nowNanos - leftAt.getAsLong()) : OptionalLong.empty();
        leftAt = OptionalLong.empty();
        return took;
    }

    void rotate(byte[] frame) {
        synchronized (this) {
            rotate = Optional.of(frame);
        }
        pump();
    }

    /** Sent behind the snapshot of {@code after} or a newer one: without its roots the canary could only fail. */
    void tryCanary(byte[] frame, Instant after) {
        synchronized (this) {
            canary = Optional.of(frame);
            canaryAfter = after;
        }
        pump();
    }

    void heartbeat(byte[] frame) {
        synchronized (this) {
            heartbeat = Optional.of(frame);
        }
        pump();
    }

    /** Ends the stream and says why; the sidecar comes back if it still may. */
    void end(String reason) {
        if (writer.tryWrite(HttpHeaders.of(REASON, reason))) {
            writer.close();
        }
    }

    private void pump() {
        byte[] frame;
        Optional<Runnable> written = Optional.empty();
        synchronized (this) {
            if (writing) {
                return;
            }
            if (snapshot.isPresent()) {
                frame = snapshot.get();
                written = snapshotWritten;
                snapshot = Optional.empty();
                leftAt = OptionalLong.of(System.nanoTime());
            } else if (rotate.isPresent()) {
                frame = rotate.get();
                rotate = Optional.empty();
            } else if (canary.isPresent() && !newest.isBefore(canaryAfter)) {
                frame = canary.get();
                canary = Optional.empty();
            } else if (heartbeat.isPresent()) {
                frame = heartbeat.get();
                heartbeat = Optional.empty();
            } else {
                return;
            }
            writing = true;
        }
        Runnable after = written.orElse(() -> {});
        if (writer.tryWrite(HttpData.wrap(frame))) {
            writer.whenConsumed().thenRun(() -> next(after));
        }
        // Else it is closed, and `writing` stays set: nothing is offered to it again.
    }

    private void next(Runnable after) {
        synchronized (this) {
            writing = false;
        }
        after.run();
        pump();
    }
}
