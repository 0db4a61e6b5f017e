package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyListTest {
    private final ECKey root = Samples.key("root");
    private final ECKey signing = Samples.key("signing");

    @Test
    void rootKeyVouchesForTheList() throws Exception {
        KeyList list = new KeyList("shop", 2, List.of(signing, Samples.key("next")));
        assertThat(KeyList.verify(list.sign(root), List.of(Samples.key("old"), root), "shop"))
                .isEqualTo(list);
    }

    @Test
    void privatePartsStayBehind() throws Exception {
        KeyList list = new KeyList("shop", 2, List.of(signing));
        assertThat(list.keys()).noneMatch(ECKey::isPrivate);
        String payload = new String(
                Base64.getUrlDecoder().decode(list.sign(root).split("\\.", -1)[1]),
                java.nio.charset.StandardCharsets.UTF_8);
        assertThat(payload).doesNotContain("\"d\"").contains("\"kid\":\"signing\"");
    }

    @Test
    void otherMeshOtherRootAndAlteredListsAreRefused() {
        String jws = new KeyList("shop", 2, List.of(signing)).sign(root);
        refused(jws, root, "bank", "key list.mesh: shop (expected: bank)");
        refused(jws, Samples.key("root"), "shop", "does not match");
        refused(jws, Samples.key("other"), "shop", "not listed");
        int middle = jws.length() / 2;
        char other = jws.charAt(middle) == 'A' ? 'B' : 'A';
        refused(jws.substring(0, middle) + other + jws.substring(middle + 1), root, "shop", "does not match");
        refused(jws.substring(0, jws.length() - 2), root, "shop", "key list");
        refused("x".repeat(100_000), root, "shop", "at most");
    }

    @Test
    void keysHaveNamesOfTheirOwnAndTheRightCurve() throws Exception {
        assertThatThrownBy(() -> new KeyList("shop", 1, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyList("shop", 1, List.of(signing, Samples.key("signing"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kid");
        ECKey p384 = new ECKeyGenerator(Curve.P_384).keyID("big").generate();
        assertThatThrownBy(() -> new KeyList("shop", 1, List.of(p384)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: P-256");
        ECKey unnamed = new ECKeyGenerator(Curve.P_256).generate();
        assertThatThrownBy(() -> new KeyList("shop", 1, List.of(unnamed))).isInstanceOf(IllegalArgumentException.class);
    }

    private static void refused(String jws, ECKey root, String mesh, String problem) {
        assertThatThrownBy(() -> KeyList.verify(jws, List.of(root), mesh))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem);
    }
}
