package dev.sallyport.proxy;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Bytes in, bytes out: a client that no library keeps from misbehaving. TLS is the JDK's, so that two implementations meet. */
final class RawClient implements AutoCloseable {
    private final Socket raw;
    private final Socket socket;

    private RawClient(Socket raw, Socket socket) throws IOException {
        this.raw = raw;
        this.socket = socket;
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
    }

    static RawClient plain(HostPort address) throws IOException {
        Socket socket = new Socket(address.host(), address.port());
        return new RawClient(socket, socket);
    }

    /** In the clear, with hardly any room for what it does not read. */
    static RawClient narrow(HostPort address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1024);
        socket.connect(new InetSocketAddress(address.host(), address.port()));
        return new RawClient(socket, socket);
    }

    static RawClient tls(HostPort address, Optional<X509Svid> svid, TrustBundle bundle, String serverName)
            throws Exception {
        return tls(
                address,
                context(
                        svid.isPresent() ? keys(svid.get().chain(), svid.get().privateKey()) : new KeyManager[0],
                        bundle),
                serverName);
    }

    /** With a chain that need not be an SVID. */
    static RawClient tls(
            HostPort address, List<X509Certificate> chain, PrivateKey key, TrustBundle bundle, String serverName)
            throws Exception {
        return tls(address, context(keys(chain, key), bundle), serverName);
    }

    static RawClient tls(HostPort address, SSLContext context, String serverName) throws IOException {
        Socket raw = new Socket(address.host(), address.port());
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(raw, address.host(), address.port(), false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        return new RawClient(raw, socket);
    }

    /** Of a workload, for many connections. */
    static SSLContext context(X509Svid svid, TrustBundle bundle) throws Exception {
        return context(keys(svid.chain(), svid.privateKey()), bundle);
    }

    private static SSLContext context(KeyManager[] keys, TrustBundle bundle) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", bundle.authorities().getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, new TrustManager[] {trust.getTrustManagers()[0]}, null);
        return context;
    }

    private static KeyManager[] keys(List<X509Certificate> chain, PrivateKey key) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("me", key, new char[0], chain.toArray(new X509Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(keys, new char[0]);
        return factory.getKeyManagers();
    }

    /** Now, not with the first byte. */
    RawClient handshake() throws IOException {
        ((SSLSocket) socket).startHandshake();
        return this;
    }

    RawClient send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** One octet after another, with a pause between them, until interrupted or cut. */
    void trickle(Duration pause) {
        try {
            while (true) {
                send("x");
                Thread.sleep(pause);
            }
        } catch (IOException | InterruptedException ended) {
            // One way or the other.
        }
    }

    /** Octet by octet, as far as the other side takes it. */
    RawClient drip(String bytes) throws IOException {
        try {
            for (int i = 0; i < bytes.length(); i++) {
                send(bytes.substring(i, i + 1));
            }
        } catch (SocketException e) {
            // Refused on the way: what it said is still to be read.
        }
        return this;
    }

    /** Everything until the other side closes. */
    String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** What came until the end. {@code cut}: by a reset, or over TLS without close_notify, so that nobody can take it for whole. */
    record Ended(String text, boolean cut) {}

    Ended ended() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        boolean cut = false;
        try {
            byte[] buffer = new byte[1 << 16];
            InputStream in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("neither ended nor cut, after: " + all.toString(StandardCharsets.ISO_8859_1), e);
        } catch (IOException e) {
            cut = true;
        }
        return new Ended(all.toString(StandardCharsets.ISO_8859_1), cut);
    }

    /** Until {@code end} has been read. */
    String until(String end) throws IOException {
        StringBuilder read = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (read.indexOf(end) < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed after: " + read);
            }
            read.append((char) octet);
        }
        return read.toString();
    }

    /** One request, everything that comes back, closed. */
    String ask(String bytes) throws IOException {
        try (this) {
            return send(bytes).rest();
        }
    }

    /** close_notify and no more: the connection under it stays open. */
    void notifyClose() {
        Thread.ofVirtual().start(() -> {
            try {
                socket.close(); // Waits for the other side's.
            } catch (IOException e) {
                // Closed already.
            }
        });
    }

    /** Without a word: in the clear by a reset, over TLS without close_notify. */
    void cut() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        if (socket instanceof SSLSocket && !socket.isClosed() && !raw.isClosed()) {
            socket.shutdownOutput(); // close_notify; to close it would wait for the other side's.
        }
        raw.close();
    }
}
