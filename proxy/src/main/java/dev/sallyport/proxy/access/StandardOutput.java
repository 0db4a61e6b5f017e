package dev.sallyport.proxy.access;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The process's own. Nothing else may be written there any more: not through {@code System.out}, which swallows what fails, so that lines would be counted that nobody got. */
final class StandardOutput implements LineSink {
    @SuppressWarnings("resource") // the descriptor is the process's
    private final FileChannel channel = new FileOutputStream(FileDescriptor.out).getChannel();

    @Override
    public void ready(int bytes) {}

    @Override
    public void write(ByteBuffer lines) throws IOException {
        channel.write(lines);
    }

    @Override
    public void close() {}
}
