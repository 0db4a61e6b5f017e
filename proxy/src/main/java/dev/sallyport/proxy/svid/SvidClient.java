package dev.sallyport.proxy.svid;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * Renews the SVID on its schedule, or at once when the control plane asks. A failed renewal changes nothing: the valid certificate stays until its end, and the next attempt comes by
 * {@link RenewalSchedule}. All work is on the control thread.
 */
public final class SvidClient {
    /** Between two looks at the clock, which may be set, or may have stood still while the machine slept. */
    private static final Duration LOOK_LATE = Duration.ofSeconds(30);

    private static final Duration LOOK_SOON = Duration.ofMillis(200);

    private final SvidStore store;
    private final SvidPublisher publisher;
    private final String instance;
    private final BiFunction<String, byte[], CompletableFuture<Reply>> post;
    private final Reenrolment reenrolment;
    private final ControlThread control;
    private final Clock clock;
    private final RandomGenerator random;
    private final Runnable renewed;
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    // Written by the control thread.
    private volatile SvidStore.Stored current;
    private Instant due;
    private int failuresInRow;
    private boolean renewing;
    private boolean onceMore;

    /** {@code post} asks the control plane over mTLS; {@code reenrolment} is for when that is no longer enough; {@code renewed} is called after each new certificate is live and stored. */
    public SvidClient(
            SvidStore store,
            SvidPublisher publisher,
            String instance,
            SvidStore.Stored current,
            BiFunction<String, byte[], CompletableFuture<Reply>> post,
            Reenrolment reenrolment,
            ControlThread control,
            Clock clock,
            RandomGenerator random,
            Runnable renewed) {
        this.store = store;
        this.publisher = publisher;
        this.instance = instance;
        this.current = current;
        this.post = post;
        this.reenrolment = reenrolment;
        this.control = control;
        this.clock = clock;
        this.random = random;
        this.renewed = renewed;
        this.due = next(current, 0);
    }

    public void start() {
        control.execute(this::look);
    }

    /** Now, whatever the schedule says. Any thread. */
    public void rotate(String reason) {
        control.execute(() -> {
            Log.info("certificate rotation requested", "reason", reason);
            if (renewing) {
                onceMore = true; // the certificate under way may be of the authority that is being left
            } else {
                renew();
            }
        });
    }

    /** The control plane is back: what failed while it was away need not wait for its turn. Control thread. */
    public void connected() {
        if (failuresInRow > 0 && !renewing) {
            due = clock.instant().plusMillis(random.nextLong(1000)); // not all sidecars in one instant
            control.schedule(this::renewIfDue, 1000, TimeUnit.MILLISECONDS);
        }
    }

    /** The live certificate, and when the next is asked for. Any thread. */
    public SvidStore.Stored current() {
        return current;
    }

    /** Certificates that went live, and attempts that failed, since start. */
    public long successes() {
        return successes.sum();
    }

    public long failures() {
        return failures.sum();
    }

    private void look() {
        long wait = Math.clamp(
                Duration.between(clock.instant(), due).toMillis(), LOOK_SOON.toMillis(), LOOK_LATE.toMillis());
        control.schedule(this::look, wait, TimeUnit.MILLISECONDS);
        renewIfDue();
    }

    private void renewIfDue() {
        if (!renewing && !clock.instant().isBefore(due)) {
            renew();
        }
    }

    private void renew() {
        KeyPair key;
        try {
            key = store.pendingKey(current.svid().serial());
        } catch (IOException e) {
            failed(e.toString());
            return;
        }
        renewing = true;
        byte[] request = Wire.encode(new Wire.Renewal(CertificateSigningRequest.pem(key), instance));
        control.after(
                post.apply(MeshNames.RENEW_PATH, request),
                reply -> {
                    if (reply.status() == 403 && reply.coded(Wire.ATTEST_AGAIN)) {
                        enrolAgain(key);
                    } else {
                        answered(reply, key);
                        ended();
                    }
                },
                problem -> {
                    failed(problem);
                    ended();
                });
    }

    /** With the key that was to be renewed to: it has no certificate yet, and a repeated try carries it again. */
    private void enrolAgain(KeyPair key) {
        Log.info("the control plane wants the identity proven again");
        control.after(
                reenrolment.ask(key),
                reply -> {
                    answered(reply, key);
                    ended();
                },
                problem -> {
                    failed(problem);
                    ended();
                });
    }

    private void ended() {
        renewing = false;
        if (onceMore) {
            onceMore = false;
            renew();
        }
    }

    private void answered(Reply reply, KeyPair key) {
        if (reply.status() != 200) {
            refused(reply);
            return;
        }
        try {
            Wire.Issued issued = Wire.issued(reply.body());
            X509Svid svid = X509Svid.of(Pem.certificates(issued.chainPem()), key.getPrivate());
            if (!svid.id().equals(current.svid().id())) {
                failed("issued for " + svid.id() + " (expected: "
                        + current.svid().id() + ")");
                return;
            }
            publisher.publish(svid); // verifies as a peer will; refuses before anything changed
            live(new SvidStore.Stored(svid, issued.renewAt()));
        } catch (InvalidMessageException | SvidRejectedException e) {
            failed("answer refused: " + e.getMessage());
        }
    }

    private void live(SvidStore.Stored next) {
        current = next;
        failuresInRow = 0;
        due = next(next, 0);
        successes.increment();
        try {
            store.save(next);
        } catch (IOException e) {
            // It serves from memory; a restart would come up with the old one, whose renewal is used up.
            Log.error("certificate not stored", "problem", e);
        }
        Log.info(
                "certificate renewed",
                "serial",
                next.svid().serial(),
                "notAfter",
                next.svid().notAfter(),
                "renewAt",
                next.renewAt());
        renewed.run();
    }

    /** Whoever has too much to do says when it will have less; what it says is kept within bounds, for it may be wrong, and we must not end by it. */
    private void refused(Reply reply) {
        String problem = "refused: " + reply.problem();
        boolean busy = reply.status() == 429 || reply.status() == 503;
        if (busy && reply.retryAfter().isPresent()) {
            failed(
                    problem,
                    RenewalSchedule.later(
                            reply.retryAfter().get(),
                            clock.instant(),
                            current.svid().notAfter(),
                            random));
        } else {
            failed(problem);
        }
    }

    private void failed(String problem) {
        failed(problem, next(current, failuresInRow + 1));
    }

    private void failed(String problem, Instant next) {
        failures.increment();
        failuresInRow++;
        due = next;
        boolean over = clock.instant().isAfter(current.svid().notAfter());
        Object[] fields = {"problem", problem, "notAfter", current.svid().notAfter(), "next", due};
        if (over) {
            Log.error("renewal failed, and the certificate has ended: a new join token is needed", fields);
        } else {
            Log.warn("renewal failed, the certificate stays", fields);
        }
        control.schedule(
                this::renewIfDue,
                // Rounded up: a moment too early it would find nothing to do, and half a minute could pass.
                Math.max(1, Duration.between(clock.instant(), due).toMillis() + 1),
                TimeUnit.MILLISECONDS);
    }

    private Instant next(SvidStore.Stored stored, int failed) {
        return RenewalSchedule.next(
                clock.instant(), stored.renewAt(), stored.svid().notAfter(), failed, random);
    }
}
