package dev.sallyport.server.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedTest {
    @Test
    void idsOfSidecarsTakeSixteenBytesAndComeBack() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            String id = AuditRecord.newId(Instant.ofEpochMilli(random.nextLong(1L << 48)), random);
            assertThat(Packed.id(id)).as("seed %d", seed).isInstanceOf(byte[].class);
            assertThat(Packed.idText(Packed.id(id))).isEqualTo(id);
        }
    }

    @Test
    void otherTextsStayTexts() {
        for (String text : List.of(
                "",
                "x",
                "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                "0198f3c2-0000-7000-8000-000000000000",
                "0123456789abcdefghjkmnpqrs")) {
            assertThat(Packed.id(text)).isEqualTo(text);
            assertThat(Packed.idText(Packed.id(text))).isEqualTo(text);
        }
        assertThat(Packed.trace("4BF92F3577B34DA6A3CE929D0E0E4736")).isInstanceOf(String.class);
        assertThat(Packed.traceText(Packed.trace("4bf92f3577b34da6a3ce929d0e0e4736")))
                .isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    }
}
