package dev.sallyport.benchmarks.pair;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * To one request on a connection that ends with it.
 *
 * @param status 0 when the connection ended without a word
 */
record Answer(int status, String body) {
    private static final int PATIENCE_MILLIS = 10_000;

    /** {@code headers}: lines with their CRLF. */
    static Answer plain(InetSocketAddress address, String headers) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            return ask(socket, headers);
        }
    }

    /** By mutual TLS with the certificate that {@code keys} has, or with none; whom it meets is not verified. */
    static Answer secret(InetSocketAddress address, Optional<? extends KeyManager> keys, String headers)
            throws IOException, GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(
                keys.map(found -> new KeyManager[] {found}).orElseGet(() -> new KeyManager[0]),
                InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
                null);
        try (Socket plain = new Socket(address.getAddress(), address.getPort());
                SSLSocket socket = (SSLSocket)
                        tls.getSocketFactory().createSocket(plain, BenchMesh.serverName(), address.getPort(), true)) {
            return ask(socket, headers);
        }
    }

    private static Answer ask(Socket socket, String headers) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        try {
            socket.getOutputStream()
                    .write(("GET /bytes/1020 HTTP/1.1\r\n" + headers + "connection: close\r\n\r\n").getBytes(US_ASCII));
            String text = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            return text.startsWith("HTTP/1.1 ")
                    ? new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(text.indexOf("\r\n\r\n") + 4))
                    : new Answer(0, text);
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return new Answer(0, ""); // an alert, or a reset
        }
    }
}
