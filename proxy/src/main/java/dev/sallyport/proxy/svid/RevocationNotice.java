package dev.sallyport.proxy.svid;

import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.X509Svid;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Tells once of each certificate of ours that it was revoked. That is for others to act on, who end our connections and refuse new ones; here somebody should learn why. To run after each change of trust; any thread.
 */
public final class RevocationNotice implements Runnable {
    private final SvidSource source;
    private final Consumer<X509Svid> tell;
    private final AtomicReference<String> told = new AtomicReference<>("");

    public RevocationNotice(SvidSource source, Consumer<X509Svid> tell) {
        this.source = source;
        this.tell = tell;
    }

    @Override
    public void run() {
        Optional<X509Svid> own =
                source.svid().filter(svid -> source.revocations().holds(svid.id(), svid.serial()));
        String serial = own.map(X509Svid::serial).orElse("");
        if (!told.getAndSet(serial).equals(serial)) {
            own.ifPresent(tell);
        }
    }
}
