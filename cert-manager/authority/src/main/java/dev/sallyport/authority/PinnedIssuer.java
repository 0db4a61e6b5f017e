package dev.sallyport.authority;

import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An issuer of Vault's and what is above it, ending with its root; asked for once, then kept beside the root. An id never means another certificate, and the root is what peers trust: if
 * Vault shows another one later it was set up anew, restored from a backup, or is not ours, and nothing of it is used.
 */
record PinnedIssuer(List<X509Certificate> path) {
    private static final String ROOT = "root.pem";

    /** Leaf and root included a peer takes five certificates. */
    private static final int PATH_MAX = 4;

    PinnedIssuer {
        path = List.copyOf(path);
    }

    /** Where an issuer is. */
    record Place(String mount, String issuer) {
        @Override
        public String toString() {
            return mount + "/issuer/" + issuer;
        }
    }

    /**
     * From {@code folder}, else from Vault, which is then asked without a token. {@code above}: where the root is if the issuer's own mount does not know it.
     *
     * @throws IOException Vault is needed and does not answer, its chain does not end at a root, or at another one than {@code folder} has
     */
    static PinnedIssuer open(Path folder, VaultGateway vault, Place place, Optional<Place> above) throws IOException {
        PrivateFiles.createFolder(folder);
        Path file = folder.resolve("issuer-" + place.issuer() + ".pem");
        if (Files.exists(file)) {
            PinnedIssuer kept = new PinnedIssuer(read(file));
            kept.checkRoot(folder, place);
            return kept;
        }
        PinnedIssuer fetched = fetch(vault, place, above);
        Path root = folder.resolve(ROOT);
        if (Files.notExists(root)) {
            write(root, List.of(fetched.root()));
        }
        fetched.checkRoot(folder, place);
        write(file, fetched.path);
        return fetched;
    }

    X509Certificate certificate() {
        return path.getFirst();
    }

    /** What follows a certificate that it signed: itself and what is above, without the root. */
    List<X509Certificate> chain() {
        return path.size() == 1 ? List.of() : path.subList(0, path.size() - 1);
    }

    X509Certificate root() {
        return path.getLast();
    }

    TrustBundle bundle(TrustDomain trustDomain) throws IOException {
        try {
            return new TrustBundle(trustDomain, List.of(root()));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void checkRoot(Path folder, Place place) throws IOException {
        X509Certificate pinned = read(folder.resolve(ROOT)).getFirst();
        if (!pinned.equals(root())) {
            throw new IOException("vault: " + place + " chains to the root " + root().getSubjectX500Principal()
                    + " (expected: " + pinned.getSubjectX500Principal() + ", which peers trust, as in "
                    + folder.resolve(ROOT) + "; was Vault set up anew or restored? a new root comes by sallyport ca"
                    + " rotate)");
        }
    }

    private static PinnedIssuer fetch(VaultGateway vault, Place place, Optional<Place> above) throws IOException {
        List<X509Certificate> known = known(vault, place);
        List<X509Certificate> path = climb(known.getFirst(), known);
        if (!selfIssued(path.getLast()) && above.isPresent()) {
            known.addAll(known(vault, above.get()));
            path = climb(known.getFirst(), known);
        }
        if (!selfIssued(path.getLast())) {
            throw new IOException("vault: chain of " + place + " ends at "
                    + path.getLast().getSubjectX500Principal() + ", issued by "
                    + path.getLast().getIssuerX500Principal()
                    + " (expected: a root; import the issuers above it into the mount, or name rootIssuer)");
        }
        return new PinnedIssuer(path);
    }

    /** The issuer first, then whatever its mount says is above it. */
    private static List<X509Certificate> known(VaultGateway vault, Place place) throws IOException {
        try {
            VaultAnswer answer = vault.asNobody().read(place + "/json");
            StringBuilder pem = new StringBuilder(answer.text("certificate").orElse("") + "\n");
            answer.texts("ca_chain")
                    .forEach(certificate -> pem.append(certificate).append('\n'));
            return new ArrayList<>(Pem.certificates(pem.toString()));
        } catch (VaultException e) {
            throw new IOException(e.getMessage(), e);
        } catch (SvidRejectedException e) {
            throw new IOException("vault: " + place + ": " + e.getMessage(), e);
        }
    }

    /** By name and signature, for the order of a chain says nothing: a cross-signed one has several tops. */
    private static List<X509Certificate> climb(X509Certificate from, List<X509Certificate> known) {
        List<X509Certificate> path = new ArrayList<>(List.of(from));
        while (!selfIssued(path.getLast()) && path.size() < PATH_MAX) {
            X509Certificate last = path.getLast();
            Optional<X509Certificate> issuer =
                    known.stream().filter(candidate -> signed(candidate, last)).findFirst();
            if (issuer.isEmpty()) {
                break;
            }
            path.add(issuer.get());
        }
        return path;
    }

    private static boolean signed(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean selfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static List<X509Certificate> read(Path file) throws IOException {
        try {
            return Pem.certificates(new String(PrivateFiles.read(file), StandardCharsets.US_ASCII));
        } catch (SvidRejectedException e) {
            throw new IOException("authority file: " + file + ": " + e.getMessage(), e);
        }
    }

    private static void write(Path file, List<X509Certificate> certificates) throws IOException {
        PrivateFiles.write(file, Pem.encode(certificates).getBytes(StandardCharsets.US_ASCII));
    }
}
