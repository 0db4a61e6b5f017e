package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.RawClient.Ended;

/** R400 of the attack list: answered with this status, the connection ended, not one byte passed on, one record. {@code reason}: on that record. */
record Refusal(int status, String reason) {
    static final Refusal FRAMING = new Refusal(400, "framing_rejected");
    static final Refusal PATH = new Refusal(400, "path_rejected");
    static final Refusal TOO_LARGE = new Refusal(431, "head_too_large");

    /** What a parser that was misled would take for the next request. */
    static final String SMUGGLED = "GET /open/smuggled HTTP/1.1\r\nHost: orders\r\n\r\n";

    /** Asserted for {@code attack} and what is smuggled behind it, at both doors; in the clear octet by octet. */
    void assertOf(Hop hop, String attack) throws Exception {
        hop.forget();
        try (RawClient client = hop.inbound()) {
            assertAnswer(client.send(attack + SMUGGLED).ended());
        }
        assertRecord(hop.orders);
        assertThat(hop.application.received()).isEmpty();
        try (RawClient client = hop.outbound()) {
            assertAnswer(client.drip(attack + SMUGGLED).ended());
        }
        assertRecord(hop.web);
        assertThat(hop.orders.records).as("what reached the other door").hasSize(1);
        assertThat(hop.application.received()).isEmpty();
    }

    /** As {@link #assertOf}, for what shows itself only after the head, which may be on its way by then: the application never sees an end of that request. */
    void assertOfBody(Hop hop, String attack) throws Exception {
        hop.forget();
        for (boolean drips : new boolean[] {false, true}) {
            try (RawClient client = hop.inbound()) {
                assertAnswer((drips ? client.drip(attack + SMUGGLED) : client.send(attack + SMUGGLED)).ended());
            }
            assertRecord(hop.orders);
            hop.orders.records.clear();
        }
        try (RawClient client = hop.outbound()) {
            assertAnswer(client.drip(attack + SMUGGLED).ended());
        }
        assertRecord(hop.web);
        await().atMost(Hop.SOON)
                .until(() -> hop.application.visits.stream()
                        .allMatch(visit -> visit.ended() || visit.received().isEmpty()));
        assertThat(hop.application.received()).doesNotContain("0\r\n\r\n").doesNotContain("smuggled");
    }

    private void assertAnswer(Ended end) {
        assertThat(end.text()).startsWith("HTTP/1.1 " + status + " ").contains("connection: close\r\n");
        assertThat(end.text().indexOf("HTTP/1.1 ", 1))
                .as("a second answer in %s", end.text())
                .isEqualTo(-1);
        assertThat(end.cut()).as("lost to a reset").isFalse();
    }

    private void assertRecord(TestSidecar sidecar) {
        AuditRecord record = Hop.record(sidecar);
        assertThat(record.reason).as("%s", record.detail).isEqualTo(reason);
        assertThat(record.status).isEqualTo(status);
    }
}
