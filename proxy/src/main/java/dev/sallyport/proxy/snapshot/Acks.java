package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Tells the control plane what is in force here, and which certificate. Only the newest word counts: it is repeated a few times on this connection, and said afresh after each
 * connect. Control thread.
 */
public final class Acks {
    private static final int ATTEMPTS = 5;

    private final String instance;
    private final SvidSource source;
    private final BiFunction<String, byte[], CompletableFuture<Reply>> post;
    private final ControlThread control;
    private final Clock clock;
    private long newest;

    public Acks(
            String instance,
            SvidSource source,
            BiFunction<String, byte[], CompletableFuture<Reply>> post,
            ControlThread control,
            Clock clock) {
        this.instance = instance;
        this.source = source;
        this.post = post;
        this.control = control;
        this.clock = clock;
    }

    /** Every event loop reads {@code snapshot} from now on. */
    public void applied(MeshSnapshot snapshot) {
        say(snapshot, Optional.empty());
    }

    /** {@code snapshot} was refused and the one held before stays. */
    void refused(MeshSnapshot snapshot, String why) {
        say(snapshot, Optional.of(why));
    }

    private void say(MeshSnapshot snapshot, Optional<String> refused) {
        String serial = source.svid().map(X509Svid::serial).orElse("");
        Wire.Ack ack = new Wire.Ack(
                instance,
                snapshot.epoch(),
                snapshot.revision(),
                snapshot.policy().digest(),
                serial,
                clock.instant(),
                refused);
        send(Wire.encode(ack), ++newest, 1);
    }

    private void send(byte[] ack, long number, int attempt) {
        control.after(
                post.apply(MeshNames.ACK_PATH, ack),
                reply -> {
                    if (reply.status() < 200 || reply.status() >= 300) {
                        again(ack, number, attempt, reply.problem());
                    }
                },
                problem -> again(ack, number, attempt, problem));
    }

    private void again(byte[] ack, long number, int attempt, String problem) {
        if (attempt == ATTEMPTS) {
            Log.warn("acknowledgement not taken", "problem", problem);
            return;
        }
        control.schedule(
                () -> {
                    if (number == newest) {
                        send(ack, number, attempt + 1);
                    }
                },
                attempt,
                TimeUnit.SECONDS);
    }
}
