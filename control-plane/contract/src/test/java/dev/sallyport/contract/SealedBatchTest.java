package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SealedBatchTest {
    private static final String PREVIOUS = "0".repeat(64);
    private static final String HEAD = "ab".repeat(32);
    private static final byte[] LINES = "{\"a\":1}\n{\"b\":2}\n".getBytes(StandardCharsets.UTF_8);

    private KeyPair workload;
    private SealedBatch batch;

    @BeforeEach
    void seal() throws Exception {
        workload = newKey();
        batch = SealedBatch.seal(
                "payment/i1", 1, 2, PREVIOUS, HEAD, LINES, Instant.EPOCH, "PEM", workload.getPrivate());
    }

    private static KeyPair newKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    @Test
    void whatTravelsIsReadBackAndItsSealHolds() throws Exception {
        SealedBatch read = SealedBatch.decode(batch.encode());
        assertThat(read.seal()).isEqualTo(batch.seal());
        assertThat(read.lines()).isEqualTo(LINES);
        assertThat(read.seal().signedBy(workload.getPublic())).isTrue();
    }

    @Test
    void sealOfAnotherKeyDoesNotHold() throws Exception {
        assertThat(batch.seal().signedBy(newKey().getPublic())).isFalse();
    }

    @Test
    void anyChangedFieldBreaksTheSeal() {
        SealedBatch.Seal s = batch.seal();
        Instant at = s.at();
        assertThat(new SealedBatch.Seal[] {
                    new SealedBatch.Seal("orders/i1", 1, 2, PREVIOUS, HEAD, at, "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 2, 2, PREVIOUS, HEAD, at, "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 1, 3, PREVIOUS, HEAD, at, "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 1, 2, HEAD, HEAD, at, "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 1, 2, PREVIOUS, PREVIOUS, at, "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 1, 2, PREVIOUS, HEAD, at.plusSeconds(1), "PEM", s.signature()),
                    new SealedBatch.Seal("payment/i1", 1, 2, PREVIOUS, HEAD, at, "PEM", "!"),
                    new SealedBatch.Seal("payment/i1", 1, 2, PREVIOUS, HEAD, at, "PEM", "")
                })
                .noneMatch(seal -> seal.signedBy(workload.getPublic()));
    }

    @Test
    void whatIsNoBatchIsRefusedWithOneMessage() {
        String sealed = new String(batch.encode(), StandardCharsets.UTF_8);
        refused("", "no seal");
        refused("x".repeat(SealedBatch.SEAL_BYTES_MAX + 10), "no seal");
        refused("{}\n{}\n", "audit seal.v: missing");
        refused(sealed.substring(0, sealed.indexOf('\n') + 1), "0 bytes of records");
        refused(sealed.substring(0, sealed.length() - 1), "the last one a line feed");
        refused(sealed.replace("\"first\":1", "\"first\":0"), "audit seal.first: 0 (expected: at least 1)");
        refused(sealed.replace("\"last\":2", "\"last\":0"), "audit seal.last: 0 (expected: at least 1)");
        refused(sealed.replace(HEAD, "AB".repeat(32)), "64 hexadecimal digits");
        refused(sealed.replace("payment/i1", "pay\\nment"), "the name of a log");
    }

    @Test
    void chainIsAsciiOfABoundedLength() throws Exception {
        for (String chain : List.of("PEM\n", "\n".repeat(10), "x".repeat(SealedBatch.CHAIN_CHARS_MAX))) {
            SealedBatch.Seal seal = sealed("payment/i1", chain).seal();
            assertThat(SealedBatch.Seal.parse(seal.toJson())).isEqualTo(seal);
        }
        for (String chain :
                List.of("PEM\u2003", "PEM\u00e9", "PEM\r\n", "PEM\t", "x".repeat(SealedBatch.CHAIN_CHARS_MAX + 1))) {
            byte[] json = sealed("payment/i1", chain).seal().toJson();
            assertThatThrownBy(() -> SealedBatch.Seal.parse(json))
                    .isInstanceOf(InvalidMessageException.class)
                    .hasMessageContaining("audit seal.chain: " + chain.length() + " characters");
        }
    }

    @Test
    void nameOfAStreamIsOfABoundedLength() throws Exception {
        byte[] longest = sealed("s".repeat(SealedBatch.STREAM_CHARS_MAX), "PEM").encode();
        assertThat(SealedBatch.decode(longest).seal().stream()).hasSize(SealedBatch.STREAM_CHARS_MAX);
        byte[] longer =
                sealed("s".repeat(SealedBatch.STREAM_CHARS_MAX + 1), "PEM").encode();
        refused(new String(longer, StandardCharsets.UTF_8), "the name of a log");
    }

    private SealedBatch sealed(String stream, String chain) {
        return SealedBatch.seal(stream, 1, 2, PREVIOUS, HEAD, LINES, Instant.EPOCH, chain, workload.getPrivate());
    }

    private static void refused(String text, String why) {
        assertThatThrownBy(() -> SealedBatch.decode(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(why);
    }
}
