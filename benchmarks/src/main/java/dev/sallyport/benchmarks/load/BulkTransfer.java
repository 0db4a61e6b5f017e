package dev.sallyport.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** One large body over one connection of its own, as fast as the other side takes or gives it. Blocking; any thread. */
public final class BulkTransfer {
    private static final int PIECE_BYTES = 256 * 1024;
    private static final int SILENCE_MILLIS = 30_000;

    private BulkTransfer() {}

    /** {@code PUT /sink} with the header lines (each with its CRLF); from the first byte to the end of the answer. */
    public static Duration upload(InetSocketAddress target, String headers, long bytes) throws IOException {
        String head = "PUT /sink HTTP/1.1\r\n" + headers + "content-length: " + bytes + "\r\n\r\n";
        try (Socket socket = connect(target)) {
            long start = System.nanoTime();
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(US_ASCII));
            byte[] piece = new byte[PIECE_BYTES];
            for (long left = bytes; left > 0; left -= piece.length) {
                out.write(piece, 0, (int) Math.min(left, piece.length));
            }
            readAnswer(socket.getInputStream(), 0);
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }

    /** {@code GET /bytes/N}, likewise. */
    public static Duration download(InetSocketAddress target, String headers, long bytes) throws IOException {
        String head = "GET /bytes/" + bytes + " HTTP/1.1\r\n" + headers + "\r\n";
        try (Socket socket = connect(target)) {
            long start = System.nanoTime();
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            readAnswer(socket.getInputStream(), bytes);
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }

    private static Socket connect(InetSocketAddress target) throws IOException {
        Socket socket = new Socket(target.getAddress(), target.getPort());
        socket.setSoTimeout(SILENCE_MILLIS);
        return socket;
    }

    private static void readAnswer(InputStream in, long expected) throws IOException {
        MessageReader response = new MessageReader();
        byte[] piece = new byte[PIECE_BYTES];
        ByteBuf view = Unpooled.wrappedBuffer(piece);
        int read;
        do {
            read = in.read(piece);
            if (read < 0) {
                throw new IOException("large body: connection closed before the end of the answer");
            }
            view.setIndex(0, read);
        } while (!response.read(view));
        if (response.status() != 200 || response.length() != expected) {
            throw new IOException("large body: answered with status " + response.status() + " and " + response.length()
                    + " bytes (expected: 200 and " + expected + ")");
        }
    }
}
