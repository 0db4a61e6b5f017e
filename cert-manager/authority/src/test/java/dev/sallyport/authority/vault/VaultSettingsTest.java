package dev.sallyport.authority.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.document.InvalidDocumentException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultSettingsTest {
    private static final String TOKEN = "auth: {method: token, tokenFile: t}\n";
    private static final String ID = "6498a385-2c4b-9d2c-0eb1-96eea3c3075c";

    @TempDir
    Path folder;

    @Test
    void whatIsNotSaidIsAsSetUp() throws Exception {
        VaultSettings settings = read("address: https://vault.example:8200\n" + TOKEN);
        assertThat(settings.address()).isEqualTo(URI.create("https://vault.example:8200"));
        assertThat(settings.mount()).isEqualTo("pki_mesh");
        assertThat(settings.rootMount()).isEqualTo("pki_root");
        assertThat(settings.role()).isEqualTo("mesh-leaf");
        assertThat(settings.intermediateLife()).isEqualTo(Duration.ofDays(14));
        assertThat(settings.caFile()).isEmpty();
        assertThat(settings.namespace()).isEmpty();
        assertThat(settings.issuer()).isEmpty();
    }

    @Test
    void everythingCanBeSaidAndFilesAreBesideIt() throws Exception {
        VaultSettings settings = read("""
                address: https://[::1]:8200/
                caFile: vault-ca.pem
                namespace: team/mesh
                mount: pki/mesh
                rootMount: pki/root
                role: leaf_2
                issuer: %s
                rootIssuer: %s
                intermediateLife: 30d
                auth: {method: approle, mount: approle/mesh, role: cp, roleIdFile: r, secretIdFile: /run/s, wrapped: true}
                """.formatted(ID, ID));
        assertThat(settings.caFile()).contains(folder.resolve("vault-ca.pem"));
        assertThat(settings.issuer()).contains(ID);
        assertThat(settings.auth())
                .isEqualTo(new VaultAuth.AppRole("approle/mesh", "cp", folder.resolve("r"), Path.of("/run/s"), true));
    }

    @Test
    void eachMethodHasItsFiles() throws Exception {
        assertThat(auth("{method: jwt, role: cp, jwtFile: j}"))
                .isEqualTo(new VaultAuth.Jwt("jwt", "cp", folder.resolve("j")));
        assertThat(auth("{method: cert, role: cp, certificateFile: c, keyFile: k}"))
                .isEqualTo(new VaultAuth.Certificate("cert", "cp", folder.resolve("c"), folder.resolve("k")));
        assertThat(auth("{method: token, tokenFile: t}")).isEqualTo(new VaultAuth.TokenFile(folder.resolve("t")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://vault.example:8200",
                "http://127.0.0.1:8200",
                "vault.example:8200",
                "https://",
                "https:///v1",
                "https://vault.example:8200/v1",
                "https://user:secret@vault.example",
                "https://vault.example?x=y",
                "https://vault.example#f",
                "https://vault example"
            })
    void anAddressIsHttpsHostAndPort(String address) {
        assertThatThrownBy(() -> read("address: \"" + address + "\"\n" + TOKEN))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("expected: https://host:port");
    }

    @ParameterizedTest
    @CsvSource({
        "issuer, default", "issuer, my-issuer", "rootIssuer, default", "mount, pki/../sys", "mount, /pki",
                "mount, pki%2f",
        "rootMount, a?b", "role, a/b", "namespace, ..", "intermediateLife, 6d", "intermediateLife, 31d", "isuer, x"
    })
    void whatCouldLeadElsewhereIsRefused(String key, String value) {
        assertThatThrownBy(() -> read("address: https://vault.example\n" + key + ": \"" + value + "\"\n" + TOKEN))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{method: ldap}",
                "{method: token}",
                "{method: token, tokenFile: t, token: secret}",
                "{method: jwt, jwtFile: j}",
                "{method: jwt, role: a/b, jwtFile: j}",
                "{method: cert, role: r, certificateFile: c}",
                "{method: approle, role: r, roleIdFile: i}",
                "{method: approle, role: r, roleIdFile: i, secretIdFile: s, wrapped: maybe}"
            })
    void aMethodIsCompleteAndSaysNothingElse(String auth) {
        assertThatThrownBy(() -> auth(auth))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("auth");
    }

    @Test
    void allProblemsAreSaidAtOnce() {
        assertThatThrownBy(() -> read("address: http://a\nissuer: default\nrolle: x\nauth: {method: jwt}\n"))
                .hasMessageContaining("https://host:port")
                .hasMessageContaining("what is the default moves")
                .hasMessageContaining("rolle")
                .hasMessageContaining("jwtFile");
    }

    private VaultAuth auth(String auth) throws Exception {
        return read("address: https://vault.example\nauth: " + auth + "\n").auth();
    }

    private VaultSettings read(String yaml) throws Exception {
        return VaultSettings.read(Files.writeString(folder.resolve("vault.yaml"), yaml));
    }
}
