package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Files in memory; fails when told to. */
final class MemoryTileStore implements TileStore {
    final Map<String, byte[]> files = new TreeMap<>();
    int writesUntilFailure = Integer.MAX_VALUE;

    @Override
    public Optional<byte[]> read(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public void write(Map<String, byte[]> written) throws IOException {
        if (writesUntilFailure-- <= 0) {
            throw new IOException("no space left on device");
        }
        files.putAll(written);
    }

    @Override
    public void delete(String path) {
        files.keySet().removeIf(name -> name.equals(path) || name.startsWith(path + "/"));
    }
}
