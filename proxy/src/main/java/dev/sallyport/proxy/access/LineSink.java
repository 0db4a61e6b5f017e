package dev.sallyport.proxy.access;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where lines go. Blocking, of one thread. */
interface LineSink {
    /** Before the first byte of a batch of whole lines. IOException: it cannot take any now. */
    void ready(int bytes) throws IOException;

    /** Takes what it can, nothing where it is full; the rest, from where this call ends, is given again. */
    void write(ByteBuffer lines) throws IOException;

    void close() throws IOException;
}
