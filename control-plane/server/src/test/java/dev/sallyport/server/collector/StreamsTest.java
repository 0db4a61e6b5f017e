package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.ChainCheck;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whoever begins streams without end takes room from nobody but itself. */
class StreamsTest {
    private static final SpiffeId BACK = new SpiffeId(TestMembers.TRUST_DOMAIN, "/sa/back");
    private static final SpiffeId FRONT = new SpiffeId(TestMembers.TRUST_DOMAIN, "/sa/front");
    private static final Instant NOW = Instant.parse("2026-01-31T10:00:00Z");

    private final Streams streams = new Streams();

    private void put(String log, boolean ended, Instant newest) throws Exception {
        streams.put(StreamState.begin(StreamName.parse("back/b1/" + log), BACK, newest)
                .after(1, ChainCheck.GENESIS, ended, newest));
    }

    private void fill(int count, boolean ended, Instant newest) throws Exception {
        for (int i = 0; i < count; i++) {
            put("log" + i, ended, newest);
        }
    }

    @Test
    void nothingIsForgottenWhileThereIsRoom() throws Exception {
        fill(Streams.OF_ONE_MAX - 1, true, NOW);
        streams.makeRoom(BACK, NOW);
        assertThat(streams.all()).hasSize(Streams.OF_ONE_MAX - 1);
    }

    @Test
    void endedOnesMakeRoomTheOldestFirst() throws Exception {
        fill(Streams.OF_ONE_MAX - 3, false, NOW.minus(Duration.ofDays(1)));
        put("ended", true, NOW);
        put("oldest", true, NOW.minusSeconds(2));
        put("older", true, NOW.minusSeconds(1));
        streams.makeRoom(BACK, NOW);
        assertThat(streams.find("back/b1/oldest")).isEmpty();
        assertThat(streams.find("back/b1/older")).isPresent();
        put("new", false, NOW);
        streams.makeRoom(BACK, NOW);
        assertThat(streams.find("back/b1/older")).isEmpty();
        assertThat(streams.find("back/b1/ended")).isPresent();
        assertThat(streams.all()).hasSize(Streams.OF_ONE_MAX - 1);
    }

    @Test
    void openOnesKeepTheirPlaceUntilNothingCameForLong() throws Exception {
        fill(Streams.OF_ONE_MAX, false, NOW);
        Instant later = NOW.plus(Streams.KEPT_OPEN);
        assertThatThrownBy(() -> streams.makeRoom(BACK, later.minusMillis(1)))
                .isInstanceOfSatisfying(
                        BatchRefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STREAMS));
        assertThatCode(() -> streams.makeRoom(FRONT, NOW)).doesNotThrowAnyException();
        assertThat(streams.all()).hasSize(Streams.OF_ONE_MAX);
        streams.makeRoom(BACK, later);
        assertThat(streams.all()).hasSize(Streams.OF_ONE_MAX - 1);
    }

    @Test
    void hasteOfOneIdentityIsNotAnothers() throws Exception {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        streams.refuseHaste(BACK);
                    }
                })
                .hasMessageContaining("new streams of " + BACK);
        streams.refuseHaste(FRONT);
    }
}
