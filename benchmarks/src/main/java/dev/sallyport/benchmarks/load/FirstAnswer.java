package dev.sallyport.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Asks a server that is about to come up, each time on a new connection, until it answers 200. Blocking; any thread. */
public final class FirstAnswer {
    private static final Duration PAUSE = Duration.ofMillis(2);
    /** Longer than any proxy needs for a request, once it takes one. */
    private static final int SILENCE_MILLIS = 2_000;

    private static final int PIECE_BYTES = 16 * 1024;

    private FirstAnswer() {}

    /** A new connection that stands; {@link IOException} while nobody listens. */
    public interface Connector {
        Socket connect() throws IOException;
    }

    /**
     * The {@link System#nanoTime} at which the whole answer was there.
     *
     * @param alive whether it can still come
     * @throws IOException when {@code alive} says no, or after {@code patience}; its message says what came last
     */
    public static long await(Connector connector, byte[] request, BooleanSupplier alive, Duration patience)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        String last;
        do {
            try (Socket socket = connector.connect()) {
                socket.setSoTimeout(SILENCE_MILLIS);
                socket.getOutputStream().write(request);
                int status = status(socket.getInputStream());
                if (status == 200) {
                    return System.nanoTime();
                }
                last = "status " + status;
            } catch (IOException e) {
                last = String.valueOf(e.getMessage());
            }
            Thread.sleep(PAUSE);
        } while (alive.getAsBoolean() && System.nanoTime() < deadline);
        throw new IOException(
                (alive.getAsBoolean() ? "no 200 within " + patience.toSeconds() + " s" : "ended before it answered")
                        + " (last: " + last + ")");
    }

    private static int status(InputStream in) throws IOException {
        MessageReader response = new MessageReader();
        byte[] piece = new byte[PIECE_BYTES];
        ByteBuf view = Unpooled.wrappedBuffer(piece);
        do {
            int read = in.read(piece);
            if (read < 0) {
                throw new IOException("closed before the end of the answer");
            }
            view.setIndex(0, read);
        } while (!response.read(view));
        return response.status();
    }
}
