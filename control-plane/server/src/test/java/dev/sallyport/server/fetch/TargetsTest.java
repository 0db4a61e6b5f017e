package dev.sallyport.server.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.policy.AddressRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a fetch may go, by what a name resolves to; nothing is dialled. */
class TargetsTest {
    private static final String PUBLIC = "93.184.216.34";

    private static List<InetAddress> allowed(String written, String target, String ranges, String... addresses)
            throws IOException {
        Targets targets = new Targets(
                URI.create(written),
                Stream.of(ranges.split(" "))
                        .flatMap(range -> AddressRange.parse(range).stream())
                        .toList());
        return targets.allowed(
                URI.create(target),
                _ -> Stream.of(addresses).map(InetAddress::ofLiteral).toList());
    }

    @Test
    void httpsToEverybodysAddressIsAllowedAndAllItsAddressesAreGiven() throws Exception {
        assertThat(allowed("https://idp.example", "https://keys.example/a", "", PUBLIC, "2606:4700::1"))
                .extracting(InetAddress::getHostAddress)
                .containsExactly(PUBLIC, "2606:4700:0:0:0:0:0:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "10.1.2.3",
                "127.0.0.1",
                "::1",
                "0.0.0.0",
                "64:ff9b::a9fe:a9fe",
                "fd00::1",
                "100.64.1.1"
            })
    void oneBadAddressOfANameRefusesIt(String address) {
        assertThatThrownBy(() -> allowed("https://idp.example", "https://idp.example/", "", PUBLIC, address))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("https://idp.example/: "
                        + InetAddress.ofLiteral(address).getHostAddress())
                .hasMessageContaining("privateAddresses");
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.0.0/16, true",
        "10.2.2.3, 10.1.0.0/16, false",
        "169.254.169.254, 169.254.169.254, true",
        "169.254.169.253, 169.254.169.254, false",
        "127.0.0.2, 127.0.0.0/8, true",
        "fd00::1, fd00::/8, true",
        "64:ff9b::10.1.2.3, 10.1.0.0/16, true",
        "64:ff9b::10.2.2.3, 10.1.0.0/16, false",
        "0.0.0.0, 0.0.0.0/0, false",
        "224.0.0.1, 0.0.0.0/0, false",
        "ff02::1, ::/0, false"
    })
    void listedPrivateAddressIsAllowedAndNoOther(String address, String range, boolean allowed) throws Exception {
        if (allowed) {
            assertThat(allowed("https://idp.example", "https://idp.example/", range, address))
                    .hasSize(1);
        } else {
            assertThatThrownBy(() -> allowed("https://idp.example", "https://idp.example/", range, address))
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:9000, http://127.0.0.1:9000/keys, 127.0.0.1",
        "http://localhost:9000, http://localhost:9000/keys, 127.0.0.1",
        "http://localhost, http://LOCALHOST:80/keys, ::1",
        "http://[::1]:9000, http://[::1]:9000/keys, ::1",
        "https://127.0.0.1:9000, https://127.0.0.1:9000/keys, 127.0.0.1",
    })
    void thisMachineIsAskedWhereTheMeshItselfNamesIt(String written, String target, String address) throws Exception {
        assertThat(allowed(written, target, "", address)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "https://idp.example, http://127.0.0.1/, 127.0.0.1", // an answer names this machine
        "https://idp.example, https://127.0.0.1/, 127.0.0.1",
        "https://idp.example, https://localhost/, 127.0.0.1",
        "http://127.0.0.1:9000, http://127.0.0.1:9001/, 127.0.0.1", // another port is somebody else
        "http://127.0.0.1:9000, https://127.0.0.1:9000/, 127.0.0.1",
        "http://localhost:9000, http://127.0.0.1:9000/, 127.0.0.1",
        "http://localhost:9000, http://localhost:9000/, 93.184.216.34", // localhost that is not here
        "http://127.0.0.1:9000, http://idp.example/, 93.184.216.34",
        "https://idp.example, http://idp.example/, 93.184.216.34",
        "http://idp.example, http://idp.example/, 93.184.216.34",
        "http://idp.example, http://idp.example/, 127.0.0.1",
        "https://127.0.0.1:9000, http://127.0.0.1:9000/, 127.0.0.1",
        "https://idp.example, file:///etc/passwd, 93.184.216.34",
        "https://idp.example, ftp://idp.example/, 93.184.216.34",
        "https://idp.example, https://user@idp.example/, 93.184.216.34",
        "https://idp.example, https://idp.example:99999/, 93.184.216.34",
        "https://idp.example, https:///keys, 93.184.216.34",
        "https://idp.example, idp.example/keys, 93.184.216.34",
        "https://idp.example, /keys, 93.184.216.34",
    })
    void everythingElseIsRefused(String written, String target, String address) {
        assertThatThrownBy(() -> allowed(written, target, "", address)).isInstanceOf(IOException.class);
    }

    /** Notations that a system's resolver takes for an address. */
    @ParameterizedTest
    @ValueSource(strings = {"https://2130706433/", "https://127.1/", "https://0/", "https://[::ffff:7f00:1]/"})
    void otherSpellingsOfThisMachineAreJudgedByWhatTheyResolveTo(String target) {
        Targets targets = new Targets(URI.create("https://idp.example"), List.of());
        assertThatThrownBy(() -> targets.allowed(URI.create(target), Resolver.SYSTEM))
                .isInstanceOf(IOException.class);
    }

    @Test
    void unknownNameIsSaid() {
        Targets targets = new Targets(URI.create("https://idp.example"), List.of());
        assertThatThrownBy(() -> targets.allowed(URI.create("https://idp.example/"), host -> {
                    throw new UnknownHostException(host);
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("host name unknown");
    }
}
