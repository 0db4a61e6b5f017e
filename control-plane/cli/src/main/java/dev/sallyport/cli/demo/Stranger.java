package dev.sallyport.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Somebody who is no workload and knocks at an inbound port: TLS by the JDK, certificates by its keytool. */
final class Stranger {
    /** Protects nothing: the key is nobody's and the certificate is worth nothing. */
    static final String PASSWORD = "stranger";

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String LEAF = "leaf";

    private Stranger() {}

    /** {@code peer}: our end of the connection, as the other side sees it. {@code let}: whether an answer came. {@code end}: how it ended for us. */
    record Knock(String peer, boolean let, String end) {}

    /**
     * Connects, sends a whole request and reads. With TLS 1.3 a client learns that its certificate was refused only from that first read: its own handshake was over before the server
     * had looked (RFC 8446 section 4.4.2.4).
     */
    static Knock knock(String inbound, String serverName, Optional<KeyStore> certificate) throws IOException {
        int colon = inbound.lastIndexOf(':');
        try (Socket plain = new Socket(inbound.substring(0, colon), Integer.parseInt(inbound.substring(colon + 1)))) {
            plain.setSoTimeout((int) LIMIT.toMillis());
            String peer = plain.getLocalAddress().getHostAddress() + ":" + plain.getLocalPort();
            SSLContext tls = tls(certificate);
            try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, serverName, 0, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(serverName)));
                parameters.setApplicationProtocols(new String[] {"http/1.1"});
                socket.setSSLParameters(parameters);
                return new Knock(peer, true, request(socket));
            } catch (IOException refused) {
                return new Knock(peer, false, String.valueOf(refused.getMessage()));
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS of the JDK: " + e.getMessage(), e);
        }
    }

    private static String request(SSLSocket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("POST /charges HTTP/1.1\r\nHost: payment\r\nContent-Length: 0\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        InputStream in = socket.getInputStream();
        byte[] first = in.readNBytes(12);
        if (first.length == 0) {
            throw new IOException("connection closed without an answer");
        }
        return new String(first, StandardCharsets.US_ASCII);
    }

    private static SSLContext tls(Optional<KeyStore> certificate) throws GeneralSecurityException {
        KeyManager[] keys = {};
        if (certificate.isPresent()) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(certificate.get(), PASSWORD.toCharArray());
            keys = factory.getKeyManagers();
        }
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys, new TrustManager[] {new AnyServer()}, null);
        return tls;
    }

    /** A certificate that claims {@code spiffeId} under an authority of its own, in {@code folder}; the file {@code stranger.p12} of it is for {@code curl}. */
    static KeyStore certificate(Path folder, String spiffeId) throws IOException, InterruptedException {
        Path made = folder.resolve("stranger-ca.p12");
        keytool(made, "ca", "CN=another authority", List.of("-ext", "bc:critical=ca:true"));
        keytool(
                made,
                LEAF,
                "CN=stranger",
                List.of(
                        "-signer",
                        "ca",
                        "-ext",
                        "san=uri:" + spiffeId,
                        "-ext",
                        "ku:critical=digitalSignature",
                        "-ext",
                        "eku=clientAuth,serverAuth"));
        try (InputStream in = Files.newInputStream(made);
                OutputStream out = Files.newOutputStream(file(folder))) {
            KeyStore all = KeyStore.getInstance("PKCS12");
            all.load(in, PASSWORD.toCharArray());
            KeyStore leaf = KeyStore.getInstance("PKCS12");
            leaf.load(null, null);
            leaf.setKeyEntry(
                    LEAF,
                    all.getKey(LEAF, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(LEAF));
            leaf.store(out, PASSWORD.toCharArray());
            return leaf;
        } catch (GeneralSecurityException e) {
            throw new IOException("PKCS #12 of the JDK: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    static Path file(Path folder) {
        return folder.resolve("stranger.p12");
    }

    private static void keytool(Path store, String alias, String name, List<String> more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-Xshare:auto",
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "1",
                "-alias",
                alias,
                "-dname",
                name));
        command.addAll(more);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said.strip());
        }
    }

    /** Whom a stranger believes is his own affair; it is the server's judgement that is shown. */
    private static final class AnyServer extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
