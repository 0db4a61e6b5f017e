package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.nio.charset.StandardCharsets;
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
}
