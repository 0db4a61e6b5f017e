package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger();

    @Test
    void hopIsRecordedOnBothSides() {
        ledger.request(2);
        assertThat(ledger.expectedRecords()).isEqualTo(4);
        ledger.request(1);
        assertThat(ledger.expectedRecords()).isEqualTo(6);
    }

    @Test
    void requestThatItsOwnSidecarStopsIsRecordedOnce() {
        ledger.oneSidedRequest();
        assertThat(ledger.expectedRecords()).isEqualTo(1);
    }

    @Test
    void refusedConnectionIsRecordedOnceAndIsNoRequest() {
        ledger.refusedConnection();
        assertThat(ledger.expectedRecords()).isEqualTo(1);
        assertThat(ledger.arithmetic()).startsWith("0 requests").endsWith("1 refused connections = 1 records");
    }

    @Test
    void arithmeticIsSpelledOut() {
        ledger.request(2);
        ledger.request(1);
        ledger.oneSidedRequest();
        ledger.refusedConnection();
        assertThat(ledger.arithmetic())
                .isEqualTo(
                        "3 requests over 3 hops x 2 sides + 1 stopped by the caller's own sidecar + 1 refused connections = 8 records");
    }
}
