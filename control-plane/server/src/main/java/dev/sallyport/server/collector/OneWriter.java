package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TileStore;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Lets those who append, publish and prune write to one store, one after the other. Any thread. */
final class OneWriter implements TileStore {
    private final TileStore store;
    private boolean closed; // guarded by this

    OneWriter(TileStore store) {
        this.store = store;
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException {
        return store.read(path);
    }

    @Override
    public synchronized void write(Map<String, byte[]> files) throws IOException {
        refuseClosed();
        store.write(files);
    }

    @Override
    public synchronized void delete(String path) throws IOException {
        refuseClosed();
        store.delete(path);
    }

    private void refuseClosed() throws IOException {
        if (closed) {
            throw new IOException("audit log: closed");
        }
    }

    /** From now on nothing is written, whoever is late: the folder may be another process's. */
    synchronized void close() {
        closed = true;
    }
}
