package dev.sallyport.server;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.VaultIntermediateAuthority;
import dev.sallyport.authority.VaultLeafAuthority;
import dev.sallyport.authority.setup.SettingsText;
import dev.sallyport.authority.setup.SetupLine;
import dev.sallyport.authority.setup.VaultProbe;
import dev.sallyport.authority.vault.VaultEvents;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSession;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.AuthorityOpener;
import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens whichever kind of authority is asked for. One of Vault's is probed first, and stays with the issuers that it began with, whatever {@code vault} names later: another issuer is
 * another authority, and follows by a rotation. {@code leafLife}: the longest that a leaf is asked for.
 */
record AuthorityByKind(
        TrustDomain trustDomain, KeyEncryption encryption, Optional<Path> vault, Duration leafLife, Clock clock)
        implements AuthorityOpener {
    private static final Logger log = LoggerFactory.getLogger(AuthorityByKind.class);
    /** The settings that it began with, in its folder. */
    private static final String BEGAN_WITH = "vault.yaml";

    @Override
    public CertificateAuthority open(AuthorityKind kind, Path folder) throws IOException {
        if (kind == AuthorityKind.EMBEDDED) {
            return EmbeddedAuthority.open(folder, trustDomain, encryption, clock);
        }
        Path beganWith = folder.resolve(BEGAN_WITH);
        boolean known = Files.exists(beganWith);
        VaultSettings settings = read(vault.orElseThrow(() -> new IOException(
                "authority: " + kind.code() + " (expected: vault, the file that sallyport vault setup wrote)")));
        if (known) {
            settings = with(settings, read(beganWith));
        }
        VaultSession session = VaultSession.open(settings, VaultEvents.logged(), clock);
        try {
            // Its intermediate may be good for days: to refuse it now would end what a repair would have saved.
            probe(kind, settings, session, known && kind == AuthorityKind.VAULT_INTERMEDIATE);
            CertificateAuthority opened = open(kind, folder, settings, session);
            if (!known) {
                PrivateFiles.replace(beganWith, SettingsText.of(settings).getBytes(StandardCharsets.UTF_8));
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private CertificateAuthority open(AuthorityKind kind, Path folder, VaultSettings settings, VaultSession session)
            throws IOException {
        return kind == AuthorityKind.VAULT_LEAF
                ? VaultLeafAuthority.open(folder, trustDomain, settings, session, clock, VaultEvents.logged())
                : VaultIntermediateAuthority.open(
                        folder, trustDomain, settings, session, encryption, clock, VaultEvents.logged());
    }

    private static VaultSettings read(Path file) throws IOException {
        try {
            return VaultSettings.read(file);
        } catch (InvalidDocumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** How Vault is reached and logged into may change at any time, what signs may not. */
    private static VaultSettings with(VaultSettings now, VaultSettings began) {
        if (!now.issuer().equals(began.issuer()) || !now.rootIssuer().equals(began.rootIssuer())) {
            log.warn(
                    "vault: {} and {} are the issuers of the settings, this authority goes on with {} and {} (expected: sallyport ca rotate, to change)",
                    now.issuer().orElse("none"),
                    now.rootIssuer().orElse("none"),
                    began.issuer().orElse("none"),
                    began.rootIssuer().orElse("none"));
        }
        return new VaultSettings(
                now.address(),
                now.caFile(),
                now.namespace(),
                began.mount(),
                began.rootMount(),
                began.role(),
                began.issuer(),
                began.rootIssuer(),
                now.intermediateLife(),
                now.auth());
    }

    /** Without an answer the authority itself must say whether it can do without. */
    private void probe(AuthorityKind kind, VaultSettings settings, VaultSession session, boolean goesOn)
            throws IOException {
        List<SetupLine> lines;
        try {
            lines = new VaultProbe(kind, settings, trustDomain, leafLife, clock)
                    .run(session, session.gateway().asNobody());
        } catch (VaultException e) {
            log.warn("vault: cannot be probed now: {}", e.getMessage());
            return;
        }
        for (SetupLine line : lines) {
            if (!line.isWrong()) {
                log.warn("vault: {}", line.sentence());
            } else if (goesOn) {
                log.error("vault: {}", line.sentence());
            }
        }
        if (!SetupLine.allHold(lines) && !goesOn) {
            throw new IOException(lines.stream()
                    .filter(SetupLine::isWrong)
                    .map(line -> "vault: " + line.sentence())
                    .collect(Collectors.joining("\n")));
        }
    }
}
