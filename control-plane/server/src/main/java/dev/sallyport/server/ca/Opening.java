package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what the ledger knows by a number. Its roots must be those that the mesh was told to trust: others in their place, say from a backup, would cut everybody off without a word. */
final class Opening {
    private static final Logger log = LoggerFactory.getLogger(Opening.class);

    private final Folders folders;
    private final AuthorityOpener opener;
    private final Ledger ledger;

    Opening(Folders folders, AuthorityOpener opener, Ledger ledger) {
        this.folders = folders;
        this.opener = opener;
        this.ledger = ledger;
    }

    /** The first of all. */
    Generation first(AuthorityKind kind) throws IOException {
        return new Generation(1, kind, opener.open(kind, folders.of(1)));
    }

    Generation open(GenerationRow row) throws IOException {
        refuseMissing(row);
        return checked(row, opener.open(row.kind(), folders.of(row.number())));
    }

    /** As {@link #open}; one that is somebody else's and cannot be reached stands as it is known: a mesh needs more of its control plane than signatures. */
    Generation openOrAway(GenerationRow row) throws IOException {
        refuseMissing(row);
        CertificateAuthority opened;
        try {
            opened = opener.open(row.kind(), folders.of(row.number()));
        } catch (IOException e) {
            // Our own files do not come back by themselves; and of what was never open nobody knows a root.
            if (row.kind() == AuthorityKind.EMBEDDED || row.roots().isEmpty()) {
                throw e;
            }
            log.error("authority of generation {} is away: nothing is signed until it is back", row.number(), e);
            return new Generation(
                    row.number(),
                    row.kind(),
                    new AwayAuthority(row.kind(), row.roots().get(), String.valueOf(e.getMessage())));
        }
        return checked(row, opened);
    }

    private void refuseMissing(GenerationRow row) throws IOException {
        Path folder = folders.of(row.number());
        if (row.kind() == AuthorityKind.EMBEDDED && row.roots().isPresent() && Files.notExists(folder)) {
            throw new IOException("authority: " + folder + " is missing (expected: the keys of root "
                    + fingerprints(row.roots().get())
                    + ", which the store has in force; restore both from one backup)");
        }
    }

    private Generation checked(GenerationRow row, CertificateAuthority opened) throws IOException {
        Generation generation = new Generation(row.number(), row.kind(), opened);
        if (row.roots().isEmpty()) {
            ledger.roots(row.number(), opened.trustBundle());
        } else if (!same(row.roots().get(), opened.trustBundle())) {
            generation.close();
            throw new IOException("authority: " + folders.of(row.number()) + " has root "
                    + fingerprints(opened.trustBundle()) + " (expected: "
                    + fingerprints(row.roots().get()) + ", which the store has; restore both from one backup)");
        }
        return generation;
    }

    private static boolean same(TrustBundle stored, TrustBundle opened) {
        return Set.copyOf(stored.authorities()).equals(Set.copyOf(opened.authorities()));
    }

    private static String fingerprints(TrustBundle bundle) {
        return bundle.authorities().stream().map(X509Svid::fingerprintOf).collect(Collectors.joining(", "));
    }
}
