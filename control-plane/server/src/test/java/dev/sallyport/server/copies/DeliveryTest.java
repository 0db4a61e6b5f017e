package dev.sallyport.server.copies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.server.copies.Sink.Outcome;
import dev.sallyport.server.copies.Sink.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** No record is lost by a sink's mood, and none holds up the others. */
class DeliveryTest {
    private final List<Long> taken = new ArrayList<>();
    private final Tally tally = new Tally();
    private int offers;

    private static List<ExportRecord> batch(int records) {
        return IntStream.range(0, records)
                .mapToObj(i ->
                        ExportRecord.of(FakeLog.request("orders", i, "/").getBytes(StandardCharsets.UTF_8), i, "", 0))
                .toList();
    }

    private Delivery to(Sink sink) {
        Backoff backoff = new Backoff(new CountDownLatch(1), new Random(1), Duration.ofMillis(1));
        return new Delivery("one", sink, tally, backoff, 2000);
    }

    private Outcome all(List<ExportRecord> batch) {
        batch.forEach(record -> taken.add(record.index()));
        return Outcome.Taken.ALL;
    }

    private Sink refusing(List<Long> bad) {
        return batch -> {
            offers++;
            return batch.stream().anyMatch(record -> bad.contains(record.index()))
                    ? new Outcome.Split("no")
                    : all(batch);
        };
    }

    @Test
    void oneBadRecordIsFoundRefusedAndHoldsUpNoOther() throws InterruptedException {
        to(refusing(List.of(613L))).deliver(batch(1000));
        assertThat(taken).hasSize(999).doesNotContain(613L).isSorted();
        assertThat(tally.refused).hasValue(1);
        assertThat(tally.sent).hasValue(999);
        assertThat(offers).isLessThanOrEqualTo(2 * 10 + 1);
        assertThat(tally.problem).isEmpty();
    }

    @Test
    void sinkThatRefusesEverythingIsMetSlowlyAndSaysSo() throws InterruptedException {
        List<Long> bad = IntStream.range(0, Delivery.REFUSALS_IN_A_ROW + 3)
                .mapToObj(Long::valueOf)
                .toList();
        to(refusing(bad)).deliver(batch(bad.size()));
        assertThat(tally.refused).hasValue(bad.size());
        assertThat(tally.problem).hasValueSatisfying(why -> assertThat(why).contains("one after the other: no"));
        to(refusing(List.of())).deliver(batch(1));
        assertThat(tally.problem).isEmpty();
    }

    @Test
    void receiverThatDropsEverythingUnnamedIsMetSlowlyAndSaysSo() throws InterruptedException {
        Delivery delivery = to(batch -> new Outcome.Taken(List.of(), batch.size(), 0));
        delivery.deliver(batch(Delivery.REFUSALS_IN_A_ROW));
        assertThat(tally.problem).isEmpty();
        delivery.deliver(batch(1));
        assertThat(tally.problem).hasValueSatisfying(why -> assertThat(why).contains("one after the other"));
        assertThat(tally.refused).hasValue(Delivery.REFUSALS_IN_A_ROW + 1);
        assertThat(tally.sent).hasValue(0);
    }

    @Test
    void whatIsLeftComesAgainAndTheRestDoesNot() throws InterruptedException {
        to(batch -> {
                    if (offers++ == 0) {
                        all(batch.subList(0, 7));
                        return new Outcome.Again(
                                batch.subList(8, 10),
                                List.of(new Refused(batch.get(7), "no")),
                                Optional.empty(),
                                "429");
                    }
                    return all(batch);
                })
                .deliver(batch(10));
        assertThat(taken).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 8L, 9L);
        assertThat(tally.sent).hasValue(9);
        assertThat(tally.refused).hasValue(1);
    }

    @Test
    void failureIsTriedAgainWithFewerAtATime() throws InterruptedException {
        Delivery delivery = to(batch -> {
            if (offers++ < 8) {
                throw new IOException("no answer");
            }
            if (taken.isEmpty()) { // Told until something is taken again.
                assertThat(tally.problem).contains("no answer");
            }
            return all(batch);
        });
        delivery.deliver(batch(100));
        assertThat(taken).hasSize(100);
        assertThat(delivery.size()).isEqualTo(128);
        assertThat(tally.problem).isEmpty();
        for (int i = 0; i < 6; i++) {
            delivery.deliver(batch(1));
        }
        assertThat(delivery.size()).isEqualTo(2000);
    }

    @Test
    void waitsGrowWithinBoundsAndAreNeverTheSame() {
        Backoff backoff = new Backoff(new CountDownLatch(1), new Random(7), Backoff.FIRST);
        Duration before = Duration.ZERO;
        for (int i = 0; i < 40; i++) {
            Duration next = backoff.next(Optional.empty());
            assertThat(next)
                    .isBetween(Backoff.FIRST.dividedBy(2), Backoff.LONGEST)
                    .isNotEqualTo(before);
            before = next;
        }
        assertThat(before).isGreaterThanOrEqualTo(Backoff.LONGEST.dividedBy(2));
        backoff.succeeded();
        assertThat(backoff.next(Optional.empty())).isLessThanOrEqualTo(Backoff.FIRST);
        assertThat(backoff.next(Optional.of(Duration.ofSeconds(70)))).isEqualTo(Duration.ofSeconds(70));
        assertThat(backoff.next(Optional.of(Duration.ofDays(1)))).isEqualTo(Backoff.ASKED_LONGEST);
        assertThat(backoff.next(Optional.of(Duration.ofSeconds(-5)))).isPositive();
    }
}
