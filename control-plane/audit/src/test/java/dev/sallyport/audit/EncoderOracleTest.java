package dev.sallyport.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is written is what a JSON library would have written, byte for byte. */
class EncoderOracleTest {
    private static final int RECORDS = 20_000;

    /** In every part of what JSON, a terminal or a surrogate could stumble over. */
    private static final String[] NASTY = {
        "\"",
        "\\",
        "/",
        "\b",
        "\t",
        "\n",
        "\f",
        "\r",
        "\u0000",
        "\u001b[2J",
        "\u001f",
        " ",
        "~",
        "\u007f",
        "\u0080",
        "\u009b",
        "\u00a0",
        "\u00ff",
        "\u0100",
        "\u0122",
        "\u015c",
        "\u2028",
        "\u2029",
        "\u202e",
        "\ud7ff",
        "\ud800",
        "\udbff",
        "\udc00",
        "\udfff",
        "\ue000",
        "\ufeff",
        "\ufffd",
        "\uffff",
        "\ud83d\ude80",
        "\ude80\ud83d",
        "a",
        "0",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "orders"
    };

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void recordsOfAnyContentHaveTheBytesOfTheOracle() throws Exception {
        JsonBuffer json = new JsonBuffer();
        RecordEncoder encoder = new RecordEncoder(json);
        for (int i = 0; i < RECORDS; i++) {
            AuditRecord record = record();
            int start = random.nextInt(3) == 0 ? json.length() : 0; // After another, as in a batch.
            json.cut(start);
            encoder.encode(record);
            assertThat(new String(json.array(), start, json.length() - start, US_ASCII))
                    .as("record %d, seed %d", i, seed)
                    .isEqualTo(new String(JacksonEncoder.encode(record), US_ASCII));
        }
    }

    @Test
    void everyCharacterHasTheBytesOfTheOracle() {
        for (int block = 0; block < 0x10000; block += 64) {
            StringBuilder text = new StringBuilder();
            for (int c = block; c < block + 64; c++) {
                text.append((char) c).append('-');
            }
            AuditRecord record = Logs.record(text.toString());
            assertThat(Logs.encoded(record)).isEqualTo(JacksonEncoder.encode(record));
        }
    }

    @Test
    void logsOwnRecordsHaveTheBytesOfTheOracle() {
        Object[] pairs = {"k", "\u2028\"", "n", Long.MIN_VALUE, "m", Long.MAX_VALUE, "o", 0L, "p", -10L};
        for (Instant time : List.of(Instant.MIN, Instant.EPOCH, Instant.ofEpochSecond(-1, 1), Instant.MAX)) {
            JsonBuffer json = new JsonBuffer();
            new RecordEncoder(json).encodeOwn(time, "header", pairs);
            assertThat(json.copy()).isEqualTo(JacksonEncoder.encodeOwn(time, "header", pairs));
        }
    }

    @Test
    void chainIsAsTheReaderComputesIt() throws Exception {
        HashChain chain = new HashChain(HashChain.GENESIS, 41);
        ChainCheck reader = ChainCheck.after(HashChain.GENESIS, 41);
        JsonBuffer json = new JsonBuffer();
        String previous = HashChain.GENESIS;
        for (int i = 0; i < 100; i++) {
            AuditRecord record = record();
            int start = json.length();
            new RecordEncoder(json).encode(record);
            chain.seal(json, start);
            String line = new String(json.array(), start, json.length() - start, US_ASCII);
            assertThat(reader.problem(json.array(), start, json.length() - 1))
                    .as("record %d, seed %d", i, seed)
                    .isEmpty();
            String hash = reader.head();
            assertThat(line)
                    .startsWith(new String(JacksonEncoder.encode(record), US_ASCII))
                    .endsWith(",\"audit.sequence.number\":" + (42 + i) + ",\"audit.sequence.previous_hash\":\""
                            + previous + "\",\"audit.sequence.hash\":\"" + hash + "\"}\n");
            previous = hash;
        }
    }

    /** Every field that can be set, by reflection: one that is added later is met too. */
    private AuditRecord record() throws ReflectiveOperationException {
        AuditRecord record = new AuditRecord(
                text(),
                Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
                pick(AuditRecord.Direction.values()));
        int setOneIn = 1 + random.nextInt(8);
        boolean large = random.nextInt(50) == 0;
        for (Field field : AuditRecord.class.getFields()) {
            if (!Modifier.isFinal(field.getModifiers()) && random.nextInt(setOneIn) == 0) {
                field.set(record, value(field, large));
            }
        }
        return record;
    }

    private Object value(Field field, boolean large) {
        Class<?> type = field.getType();
        if (type == String.class) {
            return text();
        } else if (type == List.class) {
            return texts(large);
        } else if (type == SortedMap.class) {
            boolean lists = ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[1] != String.class;
            SortedMap<String, Object> map = new TreeMap<>();
            String prefix = random.nextBoolean() ? "" : "p".repeat(2040);
            for (int left = size(large); left > 0; left--) {
                map.put(prefix + text(), lists ? texts(false) : text());
            }
            return map;
        } else if (type == int.class) {
            return random.nextInt();
        } else if (type == long.class) {
            return random.nextLong() >> random.nextInt(64);
        }
        return type == Instant.class ? Instant.ofEpochSecond(random.nextInt()) : pick(type.getEnumConstants());
    }

    private List<String> texts(boolean large) {
        int size = size(large);
        return size > 10
                ? Collections.nCopies(size, text())
                : new ArrayList<>(Collections.nCopies(size, ""))
                        .stream().map(any -> text()).toList();
    }

    private int size(boolean large) {
        return large ? 60 + random.nextInt(10) : random.nextInt(4);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int size = random.nextInt(100) == 0 ? 2030 + random.nextInt(30) : random.nextInt(12);
        boolean plain = random.nextInt(3) == 0;
        while (text.length() < size) {
            text.append(plain ? "plain" : pick(NASTY));
        }
        return text.toString();
    }

    private <T> T pick(T[] from) {
        return from[random.nextInt(from.length)];
    }
}
