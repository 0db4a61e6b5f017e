package dev.sallyport.cli.train;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.WholeFile;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** A root and leaves for a day, made by the JDK's keytool: the command line itself signs nothing. */
final class TrainingCertificates {
    private static final String STORE = "keys.p12";

    /** Guards nothing: the folder is the user's alone, and nobody trusts what is in it. */
    private static final String PASSWORD = "training";

    private TrainingCertificates() {}

    static String identity(String service) {
        return "spiffe://training.example/sa/" + service;
    }

    /** {@code ca.pem}, and {@code SERVICE.pem} and {@code SERVICE.key} of each. */
    static void write(Path folder, List<String> services) throws CliException, IOException, InterruptedException {
        pair(folder, "ca", "-validity 2 -ext bc:c=ca:true -ext ku:c=keyCertSign");
        for (String service : services) {
            pair(
                    folder,
                    service,
                    "-validity 1 -signer ca -ext san=uri:%s -ext ku:c=digitalSignature -ext eku=serverAuth,clientAuth"
                            .formatted(identity(service)));
        }
        try (InputStream in = Files.newInputStream(folder.resolve(STORE))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            Files.writeString(folder.resolve("ca.pem"), certificate(store, "ca"));
            for (String service : services) {
                Files.writeString(folder.resolve(service + ".pem"), certificate(store, service));
                PrivateKey key = (PrivateKey) store.getKey(service, PASSWORD.toCharArray());
                byte[] pem = Pem.encode(key).getBytes(StandardCharsets.US_ASCII);
                WholeFile.writeSecret(folder.resolve(service + ".key"), pem, false);
            }
        } catch (GeneralSecurityException e) {
            throw new CliException("training: what keytool made cannot be read: " + e.getMessage());
        }
    }

    private static String certificate(KeyStore store, String alias) throws GeneralSecurityException {
        return Pem.encode(List.of((X509Certificate) store.getCertificate(alias)));
    }

    private static void pair(Path folder, String alias, String more)
            throws CliException, IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        words.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA"));
        words.addAll(List.of("-alias", alias, "-dname", "CN=" + alias, "-keystore", STORE, "-storepass", PASSWORD));
        words.addAll(List.of(more.split(" ", -1)));
        Steps.run(folder, words);
    }
}
