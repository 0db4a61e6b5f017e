package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.token.KeyWanted;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Asks the control plane for the newest keys of an issuer; they come with the next snapshot. Said once: the next unknown key id says it again. */
public final class KeyReports implements KeyWanted {
    private final String instance;
    private final BiFunction<String, byte[], CompletableFuture<Reply>> post;
    private final ControlThread control;

    public KeyReports(
            String instance, BiFunction<String, byte[], CompletableFuture<Reply>> post, ControlThread control) {
        this.instance = instance;
        this.post = post;
        this.control = control;
    }

    /** From any event loop: encoding and sending are the control thread's. */
    @Override
    public void wanted(String issuerName) {
        control.execute(() -> control.after(
                post.apply(MeshNames.KEY_WANTED_PATH, Wire.encode(new Wire.KeyWanted(instance, issuerName))),
                reply -> {
                    if (reply.status() < 200 || reply.status() >= 300) {
                        notTaken(issuerName, reply.problem());
                    }
                },
                problem -> notTaken(issuerName, problem)));
    }

    private static void notTaken(String issuerName, String problem) {
        Log.warn("newer keys were asked for in vain", "issuer", issuerName, "problem", problem);
    }
}
