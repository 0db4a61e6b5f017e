package dev.sallyport.authority.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.VaultException.Kind;
import dev.sallyport.demo.bao.BaoServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VaultGatewayTest {
    private static BaoServer bao;

    @BeforeAll
    static void start() throws Exception {
        bao = SharedBao.server();
        bao.request("POST", "sys/mounts/pki_gateway", "{\"type\":\"pki\"}").ok();
    }

    @Test
    void readsWritesListsAndDeletes() throws Exception {
        try (VaultGateway gateway = VaultGateway.open(settings())) {
            Vault vault = gateway.as(bao.rootToken());
            vault.write(
                    "pki_gateway/roles/r",
                    Map.of(
                            "key_type",
                            "ec",
                            "key_bits",
                            256,
                            "key_usage",
                            List.of("DigitalSignature"),
                            "no_store",
                            true));
            VaultAnswer role = vault.read("pki_gateway/roles/r");
            assertThat(role.number("key_bits")).contains(256L);
            assertThat(role.texts("key_usage")).containsExactly("DigitalSignature");
            assertThat(role.bool("no_store")).contains(true);
            assertThat(vault.list("pki_gateway/roles").texts("keys")).containsExactly("r");
            vault.delete("pki_gateway/roles/r");
            assertThatThrownBy(() -> vault.read("pki_gateway/roles/r"))
                    .isInstanceOfSatisfying(
                            VaultException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
            assertThat(gateway.health().serves()).isTrue();
        }
    }

    private static VaultSettings settings() {
        return VaultSettings.of(URI.create(bao.address()), bao.caFile(), new VaultAuth.TokenFile(Path.of("none")));
    }
}
