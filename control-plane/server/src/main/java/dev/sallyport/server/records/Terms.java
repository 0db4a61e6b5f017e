package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;

/** What stands for a value in the index: 32 bits of field and text (the part that a row shows). Two that share theirs cost a look at a row, never a wrong answer. */
final class Terms {
    private Terms() {}

    static int of(RecordField field, String value) {
        CRC32C sum = new CRC32C();
        byte[] text = (field.word() + '=' + Words.cut(value)).getBytes(StandardCharsets.UTF_8);
        sum.update(text, 0, text.length);
        return (int) sum.getValue();
    }

    /** Of all values of a record. */
    static int[] of(Map<RecordField, String> values) {
        int[] terms = new int[values.size() + 1];
        int count = 0;
        for (Map.Entry<RecordField, String> value : values.entrySet()) {
            terms[count++] = of(value.getKey(), value.getValue());
        }
        String status = values.getOrDefault(RecordField.STATUS, "");
        if (!status.isEmpty()) {
            terms[count++] = of(RecordField.STATUS, statusClass(status));
        }
        return Arrays.copyOf(terms, count);
    }

    /** {@code 5xx} of {@code 503}; RFC 9110 section 15. */
    static String statusClass(String status) {
        return status.isEmpty() ? "" : status.charAt(0) + "xx";
    }
}
