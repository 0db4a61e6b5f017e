package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.20.0.0/16,10.20.0.0/16",
        "10.20.30.40,10.20.30.40/32",
        "10.20.30.40/32,10.20.30.40/32",
        "0.0.0.0/0,0.0.0.0/0",
        "128.0.0.0/1,128.0.0.0/1",
        "fd00::/8,fd00:0:0:0:0:0:0:0/8",
        "FD00::/8,fd00:0:0:0:0:0:0:0/8",
        "::/0,0:0:0:0:0:0:0:0/0",
        "::1,0:0:0:0:0:0:0:1/128",
        "fe80::/10,fe80:0:0:0:0:0:0:0/10"
    })
    void rangeIsReadAndWrittenInOneForm(String text, String canonical) {
        assertThat(AddressRange.parse(text)).map(AddressRange::toString).contains(canonical);
        assertThat(AddressRange.parse(canonical)).isEqualTo(AddressRange.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8",
                "10.20.0.0/",
                "10.20.0.0/33",
                "10.20.0.0/-1",
                "10.20.0.0/+8",
                "10.20.0.0/016",
                "10.20.0.0/16/16",
                "10.20.0.0/ 16",
                "10.20.0.0/\u0661\u0666",
                "10.20.0.1/16",
                "128.0.0.0/0",
                "fd00::/129",
                "fd00::1/8",
                "fd00::/1000",
                "10.1",
                "10",
                "167772160/8",
                "010.0.0.0/8",
                "10.0.0.0./8",
                "256.0.0.0/8",
                "::ffff:10.0.0.0/104",
                "::ffff:10.0.0.0/8",
                "::ffff:10.0.0.1",
                "fe80::1%1",
                "fe80::1%lo",
                "[fd00::]/8",
                "localhost",
                "keys.shop.example/8",
                "10.20.0.0/16 ",
                "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1"
            })
    void whatIsNoRangeOrCouldBeTwoIsNone(String text) {
        assertThat(AddressRange.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.20.0.0/16,10.20.0.0,true",
        "10.20.0.0/16,10.20.255.255,true",
        "10.20.0.0/16,10.19.255.255,false",
        "10.20.0.0/16,10.21.0.0,false",
        "10.20.128.0/17,10.20.127.255,false",
        "10.20.128.0/17,10.20.128.0,true",
        "10.20.30.40,10.20.30.40,true",
        "10.20.30.40,10.20.30.41,false",
        "10.20.30.40/31,10.20.30.41,true",
        "0.0.0.0/0,255.255.255.255,true",
        "0.0.0.0/0,::1,false",
        "::/0,10.0.0.1,false",
        "::/0,ffff::,true",
        "fd00::/8,fdff:ffff::1,true",
        "fd00::/8,fc00::1,false",
        "fe80::/10,febf::1,true",
        "fe80::/10,fec0::1,false",
        "10.0.0.0/8,::ffff:10.0.0.1,true",
        "10.0.0.0/8,::10.0.0.1,false"
    })
    void rangeContainsWhatBeginsWithItsBits(String range, String address, boolean contains) {
        assertThat(AddressRange.parse(range).orElseThrow().contains(InetAddress.ofLiteral(address)))
                .isEqualTo(contains);
    }
}
