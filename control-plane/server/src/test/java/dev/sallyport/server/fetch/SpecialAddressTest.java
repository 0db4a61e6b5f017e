package dev.sallyport.server.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are everybody's. */
class SpecialAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, loopback",
        "127.255.255.254, loopback",
        "10.0.0.1, private",
        "172.16.0.1, private",
        "172.31.255.255, private",
        "192.168.1.1, private",
        "169.254.169.254, link-local",
        "100.64.0.1, carrier-grade NAT",
        "100.127.255.255, carrier-grade NAT",
        "192.0.0.170, protocol assignment",
        "192.0.2.1, documentation",
        "198.51.100.7, documentation",
        "203.0.113.7, documentation",
        "198.18.0.1, benchmarking",
        "198.19.255.255, benchmarking",
        "0.0.0.0, unspecified",
        "0.1.2.3, unspecified",
        "224.0.0.1, multicast",
        "240.0.0.1, reserved",
        "255.255.255.255, reserved",
        "::, unspecified",
        "::1, loopback",
        "fe80::1, link-local",
        "febf::1, link-local",
        "fc00::1, unique local",
        "fd12:3456::1, unique local",
        "fec0::1, site-local",
        "ff02::1, multicast",
        "2001:db8::1, documentation",
        "3fff::1, documentation",
        "2001::1, protocol assignment",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2, protocol assignment",
        "100::1, no global unicast",
        "4000::1, no global unicast",
        "64:ff9b:1::1, no global unicast",
        "::8.8.8.8, no global unicast",
        "::ffff:169.254.169.254, link-local",
        "::ffff:10.0.0.1, private",
        "::ffff:127.0.0.1, loopback",
        "::169.254.169.254, link-local",
        "::10.0.0.1, private",
        "::ffff:0:10.0.0.1, private",
        "64:ff9b::169.254.169.254, link-local",
        "64:ff9b::7f00:1, loopback",
        "2002:a9fe:a9fe::1, link-local",
        "2002:0a00:0001::, private",
        "2002:7f00:1::, loopback",
        "2002:0::1, unspecified",
    })
    void addressThatIsNotEverybodysIsNamed(String address, String kind) {
        assertThat(SpecialAddress.of(InetAddress.ofLiteral(address)))
                .map(SpecialAddress::kind)
                .contains(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "192.167.255.255",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2001:4860:4860::8888",
                "2003::1",
                "::ffff:8.8.8.8",
                "64:ff9b::8.8.8.8",
                "2002:808:808::1"
            })
    void addressOnTheInternetIsNot(String address) {
        assertThat(SpecialAddress.of(InetAddress.ofLiteral(address))).isEmpty();
    }
}
