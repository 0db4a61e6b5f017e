package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RecordWeightTest {
    private static final String TEXT = "\u2028".repeat(1000);

    private final RecordWeight weight = new RecordWeight();

    @Test
    void everyTextCountsWhereverItStands() throws Exception {
        for (Field field : AuditRecord.class.getFields()) {
            if (Modifier.isFinal(field.getModifiers())
                    || field.getType().isPrimitive()
                    || field.getType().isEnum()) {
                continue;
            }
            AuditRecord record = new AuditRecord("", Instant.EPOCH, AuditRecord.Direction.INBOUND);
            int before = weight.of(record);
            int texts = set(record, field);
            assertThat(weight.of(record)).as(field.getName()).isGreaterThanOrEqualTo(before + texts * 2000);
        }
    }

    /** Texts that were set. */
    private static int set(AuditRecord record, Field field) throws ReflectiveOperationException {
        Class<?> type = field.getType();
        if (type == String.class) {
            field.set(record, TEXT);
            return 1;
        } else if (type == List.class) {
            field.set(record, List.of(TEXT, TEXT));
            return 2;
        } else if (type == SortedMap.class) {
            boolean lists = ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[1] != String.class;
            field.set(record, new TreeMap<>(Map.of(TEXT, lists ? List.of(TEXT) : TEXT)));
            return 2;
        }
        return 0; // An instant.
    }

    @Test
    void usualRecordWeighsLittleEnoughForTheRingToFill() {
        assertThat(weight.of(Logs.record("/orders/1")) * AuditLog.RING_RECORDS).isLessThan(16 * 1024 * 1024);
    }

    @Test
    void manySmallThingsAreNotWeightless() {
        AuditRecord record = Logs.record("/");
        record.userRoles = Collections.nCopies(Integer.MAX_VALUE, "");
        assertThat(weight.of(record)).isGreaterThan(RecordWeight.MAX);
        record.userRoles = null;
        record.inputs = new TreeMap<>();
        for (int i = 0; i < 200; i++) {
            record.inputs.put(Integer.toString(i), List.of("", ""));
        }
        assertThat(weight.of(record)).isGreaterThan(RecordWeight.MAX);
    }

    @Test
    void noSumOverflows() {
        AuditRecord record = Logs.record("/");
        record.opa = new TreeMap<>();
        String large = "x".repeat(1 << 20);
        for (int i = 0; i < 3000; i++) {
            record.opa.put(Integer.toString(i), large);
        }
        assertThat(weight.of(record)).isEqualTo(Integer.MAX_VALUE);
    }
}
