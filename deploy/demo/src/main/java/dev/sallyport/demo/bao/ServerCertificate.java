package dev.sallyport.demo.bao;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The server's own certificate for 127.0.0.1 and localhost, self-signed by the JDK's keytool, so that its clients trust this one and no other. */
record ServerCertificate(SSLContext trusted) {
    static final String CERTIFICATE = "tls.crt";
    static final String KEY = "tls.key";
    private static final String ALIAS = "server";
    private static final long MAKE_SECONDS_MAX = 30;

    /** Writes both files into {@code folder}. */
    static ServerCertificate make(Path folder) throws IOException, InterruptedException {
        Path store = folder.resolve("tls.p12");
        String password = UUID.randomUUID().toString();
        keytool(folder, store, password);
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore made = KeyStore.getInstance("PKCS12");
            made.load(in, password.toCharArray());
            Certificate certificate = made.getCertificate(ALIAS);
            write(folder.resolve(CERTIFICATE), "CERTIFICATE", certificate.getEncoded());
            write(
                    folder.resolve(KEY),
                    "PRIVATE KEY",
                    made.getKey(ALIAS, password.toCharArray()).getEncoded());
            return new ServerCertificate(trusting(certificate));
        } catch (GeneralSecurityException e) {
            throw new IOException("certificate of bao: " + e.getMessage(), e);
        } finally {
            Files.delete(store);
        }
    }

    private static void keytool(Path folder, Path store, String password) throws IOException, InterruptedException {
        Path log = folder.resolve("keytool.log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=bao",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        password)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!keytool.waitFor(MAKE_SECONDS_MAX, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            keytool.destroyForcibly().waitFor();
            throw new IOException("certificate of bao: keytool failed: " + Files.readString(log));
        }
    }

    private static void write(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                file,
                "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n",
                StandardCharsets.US_ASCII);
    }

    private static SSLContext trusting(Certificate certificate) throws GeneralSecurityException, IOException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry(ALIAS, certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
