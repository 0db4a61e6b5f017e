package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An issuer as a mount shows it to everybody: its certificate, and its chain from itself to the root. */
record PublishedIssuer(X509Certificate certificate, List<X509Certificate> chain) {
    /** Empty, with a line, when there is none. */
    static Optional<PublishedIssuer> read(Vault nobody, String path, List<SetupLine> lines) throws VaultException {
        try {
            VaultAnswer answer = nobody.read(path + "/json");
            List<X509Certificate> chain = new ArrayList<>();
            for (String pem : answer.texts("ca_chain")) {
                chain.addAll(Pem.certificates(pem));
            }
            X509Certificate own =
                    Pem.certificates(answer.text("certificate").orElse("")).getFirst();
            return Optional.of(new PublishedIssuer(own, chain.isEmpty() ? List.of(own) : chain));
        } catch (VaultException e) {
            lines.add(VaultProbe.refusal(path, e));
        } catch (SvidRejectedException e) {
            lines.add(SetupLine.wrong(path, e.getMessage() + " (expected: the issuer of the settings)"));
        }
        return Optional.empty();
    }
}
