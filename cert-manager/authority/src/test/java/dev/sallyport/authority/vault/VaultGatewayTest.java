package dev.sallyport.authority.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.VaultException.Kind;
import dev.sallyport.demo.bao.BaoServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultGatewayTest {
    private static BaoServer bao;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        bao = BaoServer.start(folder.resolve("bao"));
        bao.request("POST", "sys/mounts/pki_root", "{\"type\":\"pki\"}").ok();
    }

    @AfterAll
    static void stop() {
        bao.close();
    }

    @Test
    void readsWritesListsAndDeletes() throws Exception {
        try (VaultGateway gateway = VaultGateway.open(settings(Optional.empty()))) {
            Vault vault = gateway.as(bao.rootToken());
            vault.write(
                    "pki_root/roles/r",
                    Map.of(
                            "key_type",
                            "ec",
                            "key_bits",
                            256,
                            "key_usage",
                            List.of("DigitalSignature"),
                            "no_store",
                            true));
            VaultAnswer role = vault.read("pki_root/roles/r");
            assertThat(role.number("key_bits")).contains(256L);
            assertThat(role.texts("key_usage")).containsExactly("DigitalSignature");
            assertThat(role.bool("no_store")).contains(true);
            assertThat(vault.list("pki_root/roles").texts("keys")).containsExactly("r");
            vault.delete("pki_root/roles/r");
            assertThatThrownBy(() -> vault.read("pki_root/roles/r"))
                    .isInstanceOfSatisfying(
                            VaultException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
            assertThat(gateway.health().serves()).isTrue();
        }
    }

    static VaultSettings settings(Optional<String> namespace) {
        return new VaultSettings(
                URI.create(bao.address()),
                Optional.of(bao.caFile()),
                namespace,
                "pki_mesh",
                "pki_root",
                "mesh-leaf",
                Optional.empty(),
                Optional.empty(),
                Duration.ofDays(14),
                new VaultAuth.TokenFile(Path.of("none")));
    }
}
