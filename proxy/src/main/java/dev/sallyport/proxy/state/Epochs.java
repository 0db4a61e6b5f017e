package dev.sallyport.proxy.state;

import dev.sallyport.audit.WordKey;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.util.function.Supplier;

/** The key with which words are made now. Event loops read it; {@link #follow}, on a thread that may block, finds a newer one: because its time has come, or because somebody rotated it on disk. */
public final class Epochs implements Supplier<WordKey> {
    private final WordKeys keys;
    private volatile WordKey current;

    /** Blocking. */
    public Epochs(WordKeys keys) throws IOException {
        this.keys = keys;
        this.current = keys.current();
    }

    @Override
    public WordKey get() {
        return current;
    }

    /** Blocking, one thread. What cannot be read is told, and the key in use stays. */
    public void follow() {
        try {
            WordKey newest = keys.current();
            if (newest.epoch() != current.epoch()) {
                Log.info("new epoch of the audit log's words", "epoch", newest.epoch(), "before", current.epoch());
                current = newest;
            }
        } catch (IOException e) {
            Log.warn("audit keys cannot be read", "reason", String.valueOf(e.getMessage()));
        }
    }
}
