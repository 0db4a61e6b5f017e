package dev.sallyport.cli.vault;

import dev.sallyport.authority.setup.SettingsText;
import dev.sallyport.authority.setup.VaultSetup;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The folder with which a control plane starts: {@code vault.yaml}, and what it logs in with. */
final class CredentialFiles {
    private final Path folder;

    CredentialFiles(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    Path settingsFile() {
        return folder.resolve("vault.yaml");
    }

    private Path roleId() {
        return folder.resolve("role_id");
    }

    private Path secretId() {
        return folder.resolve("secret_id");
    }

    /** Makes the folder, mode 0700, before anything is changed in Vault. */
    void prepare() throws CliException {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!Files.isWritable(folder)) {
                throw new IOException("not writable");
            }
        } catch (IOException e) {
            throw new CliException("--credentials: " + folder + " (expected: a folder that this user can write)");
        }
    }

    /** {@code settings} with the files of this folder in the place of those that they name. */
    VaultSettings here(VaultSettings settings) {
        if (!(settings.auth() instanceof VaultAuth.AppRole appRole)) {
            return settings;
        }
        return settings.withAuth(
                new VaultAuth.AppRole(appRole.mount(), appRole.role(), roleId(), secretId(), appRole.wrapped()));
    }

    /** Whether there are new ones: a secret id that is here is kept, as it may be in use. */
    boolean write(VaultSetup setup, Vault vault, Vault forSecretId, VaultSettings settings)
            throws VaultException, CliException {
        boolean made = false;
        try {
            if (Files.notExists(secretId())) {
                Optional<VaultSetup.Credentials> credentials = setup.credentials(vault, forSecretId);
                if (credentials.isPresent()) {
                    secret(roleId(), credentials.get().roleId());
                    secret(secretId(), credentials.get().secretId());
                    made = true;
                }
            }
            WholeFile.write(settingsFile(), SettingsText.of(settings).getBytes(StandardCharsets.UTF_8));
            return made;
        } catch (IOException e) {
            throw new CliException("--credentials: " + folder + ": cannot be written: " + e.getMessage());
        }
    }

    private static void secret(Path file, String value) throws IOException {
        WholeFile.writeSecret(file, (value + "\n").getBytes(StandardCharsets.US_ASCII), true);
    }
}
