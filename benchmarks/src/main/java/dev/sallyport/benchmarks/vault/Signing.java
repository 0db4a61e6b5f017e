package dev.sallyport.benchmarks.vault;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.VaultLeafAuthority;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A way to a leaf from Vault. Any thread; blocking. */
public interface Signing extends AutoCloseable {
    /** Gets a leaf; {@code turn}: which of the prepared requests. Throws when there is none. */
    void leaf(int turn) throws IOException, InterruptedException;

    @Override
    void close();

    /** Prepared requests for a leaf. */
    record Requests(List<byte[]> csrs, List<SpiffeId> ids) {
        private static final int COUNT = 512;
        private static final Duration LIFE = Duration.ofHours(24);

        static Requests prepare() {
            List<byte[]> csrs = new ArrayList<>();
            List<SpiffeId> ids = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                csrs.add(CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair()));
                ids.add(new SpiffeId(BenchVault.TRUST_DOMAIN, "/sa/service-" + i));
            }
            return new Requests(csrs, ids);
        }
    }

    /** The authority of the control plane: proof of possession, one of the server's signatures, every property of what comes back checked. */
    static Signing authority(BenchVault vault) throws IOException {
        VaultLeafAuthority authority = vault.authority();
        Requests requests = Requests.prepare();
        return new Signing() {
            @Override
            public void leaf(int turn) throws IOException {
                int at = turn % Requests.COUNT;
                try {
                    authority.issue(requests.csrs().get(at), requests.ids().get(at), Requests.LIFE);
                } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
                    throw new IOException("authority: " + e.getMessage(), e);
                }
            }

            @Override
            public void close() {
                authority.close();
            }
        };
    }

    /** Bare requests with bodies that are written already; of an answer only its status and its bytes are looked at. What the server can do. */
    static Signing bare(BenchVault vault) throws IOException {
        Requests requests = Requests.prepare();
        List<HttpRequest> prepared = new ArrayList<>();
        for (int i = 0; i < Requests.COUNT; i++) {
            prepared.add(HttpRequest.newBuilder(vault.sign())
                    .timeout(Duration.ofSeconds(10))
                    .header("X-Vault-Token", vault.token())
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofByteArray(body(requests, i)))
                    .build());
        }
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusting(vault))
                .build();
        return new Signing() {
            @Override
            public void leaf(int turn) throws IOException, InterruptedException {
                HttpResponse<byte[]> answer =
                        client.send(prepared.get(turn % Requests.COUNT), BodyHandlers.ofByteArray());
                if (answer.statusCode() != 200 || answer.body().length == 0) {
                    throw new IOException("bao: status " + answer.statusCode());
                }
            }

            @Override
            public void close() {
                client.shutdownNow();
            }
        };
    }

    /** As the authority asks. */
    private static byte[] body(Requests requests, int at) throws IOException {
        return new ObjectMapper()
                .writeValueAsBytes(Map.of(
                        "csr",
                        Pem.encode("CERTIFICATE REQUEST", requests.csrs().get(at)),
                        "uri_sans",
                        requests.ids().get(at).toString(),
                        "ttl",
                        Requests.LIFE.toSeconds() + "s",
                        "format",
                        "pem",
                        "exclude_cn_from_sans",
                        true,
                        "remove_roots_from_chain",
                        true));
    }

    private static SSLContext trusting(BenchVault vault) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(
                    "bao", Pem.certificates(Files.readString(vault.caFile())).getFirst());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificate of bao: " + e.getMessage(), e);
        }
    }
}
