package dev.sallyport.authoring.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.format.Repair.Repaired;
import dev.sallyport.document.Source;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepairTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: pay}
            spec:
              service: payment
              routes:
                charge:
                  match: POST /charges  # the one
                  allow:
                    web: {from: [web, orders], user: {issuer: shop, anyRole: [a, b]}}
            """;

    @Test
    void mistypedKeyIsRenamedToTheOneThatIsNearAndPutInItsPlace() {
        Repaired repaired = repaired(POLICY.replace("match:", "mtch:").replace("from:", "form:"));

        assertThat(repaired.text()).isEqualTo(POLICY);
        assertThat(repaired.changes())
                .extracting(Repair.Change::toString)
                .containsExactly(
                        "pay.yaml:8:7: spec.routes.charge.mtch: unknown, renamed to match",
                        "pay.yaml:10:15: spec.routes.charge.allow.web.form: unknown, renamed to from");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "anyRole: [a, b]      | allRole: [a, b]", // allRoles or anyRole: opposite meanings
                "anyRole: [a, b]      | privileges: [a, b]",
                "user: {issuer: shop, | user: none, usr: {issuer: shop,",
                "charge:              | chrge:",
                "kind: RoutePolicy    | kind: RoutePolcy",
            })
    void whatCouldHaveBeenMeantInAnotherWayStaysAsItIs(String right, String wrong) {
        String policy = POLICY.replace(right, wrong);

        assertThat(repaired(policy)).isEqualTo(new Repaired(policy, List.of()));
    }

    @Test
    void itemThatStandsTwiceIsRemovedUnlessACommentIsAboutIt() {
        Repaired repaired = repaired(POLICY.replace("[web, orders]", "[web, orders, web]")
                .replace("[a, b]", "[a, b, 'a']")
                .replace("match: POST /charges", "match: [POST /charges, POST /charges]"));

        assertThat(repaired.text()).isEqualTo(POLICY.replace("match: POST /charges", "match: [POST /charges]"));
        assertThat(repaired.changes())
                .hasSize(3)
                .extracting(Repair.Change::toString)
                .contains("pay.yaml:10:35: spec.routes.charge.allow.web.from[2]: web: a second time, removed");
        String commented = POLICY.replace(
                "match: POST /charges  # the one", "match:\n        - POST /a\n        - POST /a  # why");
        assertThat(repaired(commented)).isEqualTo(new Repaired(commented, List.of()));
    }

    @Test
    void itemOfAListThatIsNoSetMayStandTwice() {
        String test = """
                kind: PolicyTest
                spec:
                  cases:
                    twice: {from: web, request: GET /, headers: {x-a: [b, b]}, expect: deny}
                """;

        assertThat(repaired(test)).isEqualTo(new Repaired(test, List.of()));
    }

    @Test
    void formIsMendedAndIsNoChangeOfWhatIsSaid() {
        assertThat(repaired(POLICY.replace("{name: pay}", "{ name: 'pay' }")))
                .isEqualTo(new Repaired(POLICY, List.of()));
    }

    @Test
    void whatCannotBeReadIsLeftAlone() {
        assertThat(Repair.of(new Source("pay.yaml", POLICY + "x: ["))).isEmpty();
        assertThat(Repair.of(new Source("pay.json", "{}"))).isEmpty();
    }

    private static Repaired repaired(String text) {
        return Repair.of(new Source("pay.yaml", text)).orElseThrow();
    }
}
