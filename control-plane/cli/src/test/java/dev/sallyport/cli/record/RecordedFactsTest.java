package dev.sallyport.cli.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader.StoredRecord;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a replay can know of a request: what its record has in the clear. */
class RecordedFactsTest {
    private static RecordedFacts facts(Map<String, Object> fields) {
        return new RecordedFacts(
                new Recorded(new StoredRecord(Path.of("x"), 1, fields)),
                ShopDocuments.load(ShopDocuments.PAYMENT).mesh(),
                "alice");
    }

    @Test
    void inputsInTheClearAreReadBackAsTheyWere() {
        RecordedFacts facts = facts(Map.of(
                AuditFields.INPUTS,
                Map.of(
                        "header.x-amount",
                        List.of("1", "2"),
                        "header.x-none",
                        List.of(),
                        "query.mode",
                        List.of("a%20b", "c"),
                        "query.none",
                        List.of())));
        assertThat(facts.header("x-amount")).containsExactly("1", "2");
        assertThat(facts.header("x-none")).isEmpty();
        assertThat(facts.query()).contains("mode=a%20b&mode=c");
        assertThat(facts.recorded().input("header.x-none")).contains(List.of());
    }

    @Test
    void keyedInputsAreNoValues() {
        RecordedFacts facts = facts(
                Map.of(AuditFields.INPUTS_KEYED, Map.of("header.x-tenant", List.of("k-1"), "query.a", List.of("k-2"))));
        assertThat(facts.header("x-tenant")).isEmpty();
        assertThat(facts.query()).isEmpty();
        assertThat(facts.recorded().input("header.x-tenant"))
                .as("absent and unknown differ")
                .isEmpty();
    }

    @Test
    void answersOfOpaAreReadBackByTheirQuestion() {
        RecordedFacts facts =
                facts(Map.of(AuditFields.OPA, Map.of("main/shop/allow", "true", "main/b", "false", "main/c", "error")));
        assertThat(facts.opa(query("shop/allow"))).contains(OpaAnswer.TRUE);
        assertThat(facts.opa(query("b"))).contains(OpaAnswer.FALSE);
        assertThat(facts.opa(query("c"))).contains(OpaAnswer.ERROR);
        assertThat(facts.opa(query("never/asked"))).isEmpty();
    }

    private static OpaQuery query(String path) {
        return new OpaQuery("main", path, Duration.ofMillis(50), new TreeSet<>());
    }

    @Test
    void tokenIsAsOldAsItWas() {
        Map<String, Object> fields =
                new HashMap<>(Map.of(AuditFields.TOKEN_RESULT, "verified", AuditFields.USER_ISSUER, "shop"));
        assertThat(issuedAt(fields)).as("not on record").isEqualTo(Instant.EPOCH);
        fields.put(AuditFields.TOKEN_ISSUED_AT, 1_800_000_000L);
        assertThat(issuedAt(fields)).isEqualTo(Instant.ofEpochSecond(1_800_000_000));
    }

    @Test
    void hopTokenIsReadBackWithTheServicesThatCarriedTheUser() {
        RecordedFacts facts = facts(Map.of(
                AuditFields.TOKEN_RESULT,
                "absent",
                AuditFields.USER_CARRIED,
                "verified",
                AuditFields.USER_VIA,
                List.of("orders", "backoffice"),
                AuditFields.USER_ISSUER,
                "shop",
                AuditFields.USER_ROLES,
                List.of("clerk")));

        assertThat(facts.user()).isEqualTo(new UserFact.Absent());
        User user = ((UserFact.Verified) facts.carriedUser()).user();
        assertThat(user.subject()).isEqualTo("alice");
        assertThat(user.carriedBy()).containsExactly("orders", "backoffice");
        assertThat(user.roles()).containsExactly("clerk");
    }

    @Test
    void everyWordForAHopTokenIsOneFact() {
        assertThat(facts(Map.of()).carriedUser()).isEqualTo(new UserFact.Absent());
        assertThat(carried("absent")).isEqualTo(new UserFact.Absent());
        assertThat(carried("unjudged")).isEqualTo(new UserFact.Unjudged());
        assertThat(carried("token_chain")).isEqualTo(new UserFact.Bad(Reason.TOKEN_CHAIN));
        assertThat(carried("of a later version")).isEqualTo(new UserFact.Bad(Reason.TOKEN_INVALID));
        assertThat(((UserFact.Verified) carried("other_user")).user().subject()).isNotEqualTo("alice");
        assertThat(facts(Map.of(AuditFields.TOKEN_RESULT, "unjudged")).user()).isEqualTo(new UserFact.Unjudged());
    }

    private static UserFact carried(String word) {
        return facts(Map.of(AuditFields.USER_CARRIED, word, AuditFields.USER_VIA, List.of("orders")))
                .carriedUser();
    }

    private static Instant issuedAt(Map<String, Object> fields) {
        return ((UserFact.Verified) facts(fields).user()).user().issuedAt();
    }
}
