package dev.sallyport.proxy.ship;

import dev.sallyport.proxy.controlplane.Reply;
import java.util.concurrent.CompletableFuture;

/** Where sealed batches go. Any thread; returns at once. */
public interface Collector {
    /** {@code batch} as {@link dev.sallyport.contract.SealedBatch#encode} makes it; fails within seconds when there is no answer. */
    CompletableFuture<Reply> take(byte[] batch);
}
