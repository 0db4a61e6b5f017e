package dev.sallyport.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder in which nothing new can be made, for root too: it is away for a while. */
record FullDisk(Path folder, Path away) implements AutoCloseable {
    static FullDisk at(Path folder) throws IOException {
        Path away = folder.resolveSibling(folder.getFileName() + ".away");
        Files.move(folder, away);
        return new FullDisk(folder, away);
    }

    @Override
    public void close() throws IOException {
        Files.move(away, folder);
    }
}
