package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.X509Svid;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeopleAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    private KeyEncryption encryption;
    private PeopleAuthority people;
    private final byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());

    @BeforeEach
    void firstStart() throws Exception {
        encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        people = PeopleAuthority.open(folder.resolve("people"), encryption, CLOCK);
    }

    @Test
    void certificateNamesPersonAndRoleForClientsOnly() throws Exception {
        IssuedCertificate issued = people.issue(request, "Ada, the first", "admin", YEAR);
        X509Certificate leaf = issued.leaf();
        assertThat(issued.chain()).containsExactly(leaf);
        assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=Ada\\, the first,O=admin");
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getSubjectAlternativeNames()).isNull();
        assertThatThrownBy(() -> X509Svid.leafId(leaf)).hasMessageContaining("0 URI names");
        assertThat(trusts(people.root(), issued.chain(), NOW)).isTrue();
        assertThat(trusts(people.root(), issued.chain(), NOW.plus(YEAR).plusSeconds(1)))
                .isFalse();
    }

    @Test
    void restartKeepsTheRoot() throws Exception {
        PeopleAuthority again = PeopleAuthority.open(folder.resolve("people"), encryption, CLOCK);
        assertThat(again.root()).isEqualTo(people.root());
        assertThat(trusts(
                        people.root(),
                        again.issue(request, "ada", "admin", YEAR).chain(),
                        NOW))
                .isTrue();
    }

    /** What a name means in RFC 4514, or to a library that reads it there, it does not mean here. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "#0C05616C696365",
                "#zz",
                "#",
                "\\alice",
                "\\",
                "ada,O=admin",
                "ada+O=admin",
                "ada;CN=x",
                "\"a\"",
                "a=b",
                "<a>",
                "Łucja"
            })
    void nameIsTakenAsItStands(String name) throws Exception {
        X509Certificate leaf = people.issue(request, name, name, YEAR).leaf();
        List<Rdn> subject = new LdapName(leaf.getSubjectX500Principal().getName()).getRdns();
        assertThat(subject).extracting(Rdn::getType).containsExactly("O", "CN");
        assertThat(subject).extracting(Rdn::getValue).containsExactly(name, name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " ada",
                "ada ",
                "a\nb",
                "a\0b",
                "ad\u200ba",
                "\u202eada",
                "a\u2028b",
                "ada\ud800",
                "\ue000"
            })
    void oddNamesAreRefused(String name) {
        assertThatThrownBy(() -> people.issue(request, name, "admin", YEAR)).hasMessageContaining("person");
        assertThatThrownBy(() -> people.issue(request, "ada", name, YEAR)).hasMessageContaining("role");
    }

    @Test
    void longNamesAndForeignKeysAreRefused() throws Exception {
        people.issue(request, "a".repeat(64), "admin", YEAR);
        assertThatThrownBy(() -> people.issue(request, "a".repeat(65), "admin", YEAR))
                .hasMessageContaining("65");
        var stranger = Requests.request(
                CertificateSigningRequest.newKeyPair(), CertificateSigningRequest.newKeyPair(), "SHA256withECDSA");
        assertThatThrownBy(() -> people.issue(stranger, "ada", "admin", YEAR)).hasMessageContaining("possession");
    }

    /** What a TLS server that trusts {@code root} alone would say. */
    static boolean trusts(X509Certificate root, List<X509Certificate> chain, Instant now) {
        try {
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
            return true;
        } catch (CertPathValidatorException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
