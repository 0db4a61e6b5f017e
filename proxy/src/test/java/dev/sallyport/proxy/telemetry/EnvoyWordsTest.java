package dev.sallyport.proxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EnvoyWordsTest {
    @ParameterizedTest
    @CsvSource({
        "ALLOWED, -, via_upstream",
        "CALLER_NOT_ALLOWED, -, rbac_access_denied_matched_policy[none]",
        "ROLE_MISSING, -, rbac_access_denied_matched_policy[none]",
        "GUARDRAIL, -, rbac_access_denied_matched_policy[admins/others]",
        "TOKEN_EXPIRED, -, jwt_authn_access_denied{token_expired}",
        "OPA_DENIED, UAEX, ext_authz_denied",
        "OPA_ERROR, UAEX, ext_authz_error",
        "UPSTREAM_UNKNOWN, NC, cluster_not_found",
        "UPSTREAM_TIMEOUT, UT, upstream_response_timeout",
        "DRAINING, -, draining",
    })
    void reasonHasEnvoysWords(Reason reason, String flags, String details) {
        assertThat(EnvoyWords.flags(reason, true)).isEqualTo(flags);
        assertThat(EnvoyWords.details(reason, true, "admins/others")).isEqualTo(details);
    }

    @ParameterizedTest
    @CsvSource({"true, UC, connection_termination", "false, UF, remote_connection_failure"})
    void connectionThatEndedIsNotOneThatFailed(boolean connected, String flags, String why) {
        assertThat(EnvoyWords.flags(Reason.UPSTREAM_UNAVAILABLE, connected)).isEqualTo(flags);
        assertThat(EnvoyWords.details(Reason.UPSTREAM_UNAVAILABLE, connected, null))
                .isEqualTo("upstream_reset_before_response_started{" + why + "}");
    }

    /** A dashboard's query by flag and the access log must find the same requests. */
    @ParameterizedTest
    @EnumSource(Reason.class)
    void metricsHaveTheFlagsOfTheAccessLog(Reason reason) {
        AuditRecord record =
                new AuditRecord("ID", Instant.parse("2026-11-26T10:00:00Z"), AuditRecord.Direction.OUTBOUND);
        RequestKey failed = RequestKey.of(record, reason);
        assertThat(failed.flags()).isEqualTo(EnvoyWords.flags(reason, false));
        record.upstreamAddress = "10.0.0.9:15006";
        RequestKey ended = RequestKey.of(record, reason);
        assertThat(ended.flags()).isEqualTo(EnvoyWords.flags(reason, true));
        assertThat(failed.is(record, reason)).isEqualTo(failed.flags().equals(ended.flags()));
    }

    @Test
    void everyReasonButOneHasTheSameFlagsConnectedOrNot() {
        for (Reason reason : Reason.values()) {
            boolean same = EnvoyWords.flags(reason, true).equals(EnvoyWords.flags(reason, false));
            assertThat(same).as(reason.code()).isEqualTo(reason != Reason.UPSTREAM_UNAVAILABLE);
        }
    }
}
