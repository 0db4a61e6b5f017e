package dev.sallyport.proxy.svid;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import java.security.KeyPair;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tries an authority before anybody depends on it: asks for a short-lived certificate of our own identity by it, has it shake hands with ourselves, and reports. Its key is made here and goes no further than this
 * object; nothing of it is stored or served. One at a time; all on the control thread.
 */
public final class Canary {
    private static final int ATTEMPTS = 5;
    /** Enough for a person; a certificate's names may be long. */
    private static final int REFUSED_CHARS_MAX = 500;

    private final String instance;
    private final Function<X509Svid, Optional<String>> test;
    private final BiFunction<String, byte[], CompletableFuture<Reply>> post;
    private final ControlThread control;
    private Optional<String> underWay = Optional.empty();
    /** The one that was asked for last, while another was under way. */
    private Optional<String> next = Optional.empty();

    /** {@code test}: what is wrong with it, if anything; it may take milliseconds. {@code post} asks the control plane over mTLS. */
    public Canary(
            String instance,
            Function<X509Svid, Optional<String>> test,
            BiFunction<String, byte[], CompletableFuture<Reply>> post,
            ControlThread control) {
        this.instance = instance;
        this.test = test;
        this.post = post;
        this.control = control;
    }

    /** Now, or after the one that is under way. */
    public void attempt(String authority) {
        if (underWay.isPresent()) {
            next = Optional.of(authority).filter(other -> !underWay.equals(Optional.of(other)));
            return;
        }
        underWay = Optional.of(authority);
        KeyPair key = CertificateSigningRequest.newKeyPair();
        byte[] request = Wire.encode(new Wire.CanaryRequest(CertificateSigningRequest.pem(key), instance, authority));
        ask(MeshNames.CANARY_PATH, request, 1, reply -> report(authority, problem(reply, key)));
    }

    private Optional<String> problem(Reply reply, KeyPair key) {
        if (reply.status() != 200) {
            return Optional.of("not issued: " + reply.problem());
        }
        try {
            Wire.Issued issued = Wire.issued(reply.body());
            return test.apply(X509Svid.of(Pem.certificates(issued.chainPem()), key.getPrivate()));
        } catch (InvalidMessageException | SvidRejectedException e) {
            return Optional.of("answer refused: " + e.getMessage());
        } catch (RuntimeException e) {
            Log.defect("canary", e);
            return Optional.of("test failed: " + e.getClass().getName());
        }
    }

    private void report(String authority, Optional<String> problem) {
        Optional<String> refused = problem.map(Canary::shown);
        if (refused.isPresent()) {
            Log.error("canary refused", "authority", authority, "problem", refused.get());
        } else {
            Log.info("canary passed", "authority", authority);
        }
        byte[] result = Wire.encode(new Wire.CanaryResult(instance, authority, refused));
        ask(MeshNames.CANARY_RESULT_PATH, result, 1, reply -> {
            if (reply.status() < 200 || reply.status() >= 300) {
                Log.warn("canary's result not taken", "authority", authority, "problem", reply.problem());
            }
            ended();
        });
    }

    /** For a line of a log and of a table. */
    private static String shown(String problem) {
        String line = problem.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= REFUSED_CHARS_MAX ? line : line.substring(0, REFUSED_CHARS_MAX);
    }

    /** Tries again what may pass, some seconds apart; a control plane that is gone for longer asks afresh when it is back. */
    private void ask(String path, byte[] request, int attempt, Consumer<Reply> answered) {
        control.after(
                post.apply(path, request),
                reply -> {
                    boolean mayPass = reply.status() == 429 || reply.status() >= 500;
                    if (mayPass && attempt < ATTEMPTS) {
                        again(path, request, attempt, answered);
                    } else {
                        answered.accept(reply);
                    }
                },
                problem -> {
                    if (attempt < ATTEMPTS) {
                        again(path, request, attempt, answered);
                    } else {
                        Log.warn("canary given up", "problem", problem);
                        ended();
                    }
                });
    }

    private void again(String path, byte[] request, int attempt, Consumer<Reply> answered) {
        control.schedule(() -> ask(path, request, attempt + 1, answered), attempt, TimeUnit.SECONDS);
    }

    private void ended() {
        underWay = Optional.empty();
        Optional<String> waiting = next;
        next = Optional.empty();
        waiting.ifPresent(this::attempt);
    }
}
