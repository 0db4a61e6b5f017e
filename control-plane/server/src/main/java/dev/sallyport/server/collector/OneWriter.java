package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TileStore;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Lets those who append, publish and prune write to one store, one after the other. Any thread. */
final class OneWriter implements TileStore {
    private final TileStore store;

    OneWriter(TileStore store) {
        this.store = store;
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException {
        return store.read(path);
    }

    @Override
    public synchronized void write(Map<String, byte[]> files) throws IOException {
        store.write(files);
    }

    @Override
    public synchronized void delete(String path) throws IOException {
        store.delete(path);
    }
}
