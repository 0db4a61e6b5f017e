package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeshNamesTest {
    @ParameterizedTest
    @CsvSource({"8080,orders", "1,a", "65535,a-b-9"})
    void nameIsReadAsWritten(int port, String service) {
        String sni = MeshNames.sni(port, service, Samples.DOMAIN);
        assertThat(MeshNames.parseSni(sni, Samples.DOMAIN)).contains(new MeshNames.Destination(service, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "shop.example",
                "orders.shop.example",
                "8080.shop.example",
                "8080..shop.example",
                "0.orders.shop.example",
                "08080.orders.shop.example",
                "65536.orders.shop.example",
                "99999999999.orders.shop.example",
                "-1.orders.shop.example",
                "+80.orders.shop.example",
                "٨٠.orders.shop.example",
                "8080.Orders.shop.example",
                "8080.or_ders.shop.example",
                "8080.a.b.shop.example",
                "8080.orders.shop.example.",
                "8080.orders.SHOP.example",
                "8080.orders.evilshop.example",
                "8080.orders.shop.example.evil",
                "8080.orders.bank.example",
                " 8080.orders.shop.example",
            })
    void anyOtherTextNamesNothing(String sni) {
        assertThat(MeshNames.parseSni(sni, Samples.DOMAIN)).isEmpty();
    }
}
