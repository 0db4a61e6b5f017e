package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.testing.TestLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Bytes as they arrive: whole, one at a time, and cut in two at each place. What comes of them must not depend on it. */
final class Wire {
    static final String INCOMPLETE = "incomplete";

    private Wire() {}

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** And releases it. */
    static String text(ByteBuf bytes) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        assertThat(bytes.release()).as("released by its only owner").isTrue();
        return text;
    }

    static Limits limits(int requestLineBytes, int headBytes, int headers) {
        try {
            return TestLimits.with(
                    Map.of("requestLineBytes", requestLineBytes, "headBytes", headBytes, "headers", headers));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whole, byte by byte, and in two parts, cut at each place. */
    static List<List<String>> splits(String text) {
        List<List<String>> splits = new ArrayList<>();
        splits.add(List.of(text));
        splits.add(text.chars().mapToObj(c -> String.valueOf((char) c)).toList());
        for (int at = 1; at < text.length(); at++) {
            splits.add(List.of(text.substring(0, at), text.substring(at)));
        }
        return splits;
    }

    /**
     * The reason of its refusal, {@link #INCOMPLETE}, or what {@code shown} makes of the whole head: the same however the bytes are cut. What is left in the buffer is asserted to be {@code text} without
     * what the head took. The head is used again and again: what it keeps of the one before would show.
     */
    static <H extends Head> String everyWay(H head, String text, Function<H, String> shown) {
        String whole = read(head, List.of(text), shown);
        for (List<String> parts : splits(text)) {
            assertThat(read(head, parts, shown)).as("cut as %s", parts).isEqualTo(whole);
        }
        return whole;
    }

    static <H extends Head> String read(H head, List<String> parts, Function<H, String> shown) {
        String text = String.join("", parts);
        head.reset();
        ByteBuf in = Unpooled.buffer();
        try {
            int fed = 0;
            for (String part : parts) {
                in.writeBytes(bytes(part));
                fed += part.length();
                if (head.read(in)) {
                    int taken = fed - in.readableBytes();
                    assertThat(in.toString(StandardCharsets.ISO_8859_1)).isEqualTo(text.substring(taken, fed));
                    return shown.apply(head) + "| rest: " + text.substring(taken);
                }
            }
            return INCOMPLETE;
        } catch (RequestRejectedException refused) {
            assertThat(refused.getMessage()).as("says what is wrong").isNotBlank();
            return refused.reason().name();
        } finally {
            in.release();
        }
    }

    /** As {@link #everyWay} for heads: what of a body is passed on, or the reason why it is refused. */
    static String body(Consumer<Body> begin, String text) {
        Body body = new Body(Limits.standard());
        String whole = body(body, begin, List.of(text));
        for (List<String> parts : splits(text)) {
            assertThat(body(body, begin, parts)).as("cut as %s", parts).isEqualTo(whole);
        }
        return whole;
    }

    static String body(Body body, Consumer<Body> begin, List<String> parts) {
        begin.accept(body);
        ByteBuf in = ByteBufAllocator.DEFAULT.buffer();
        StringBuilder passed = new StringBuilder();
        try {
            for (String part : parts) {
                in.writeBytes(bytes(part));
                ByteBuf piece;
                while ((piece = body.read(in, ByteBufAllocator.DEFAULT)) != null) {
                    passed.append(piece.toString(StandardCharsets.ISO_8859_1));
                    piece.release();
                }
                in.discardReadBytes();
            }
            if (!body.complete()) {
                assertThat(in.isReadable())
                        .as("a body that is not complete takes what there is")
                        .isFalse();
            }
            String end = body.complete() ? "complete" : INCOMPLETE;
            return passed + "| " + end + "| rest: " + in.toString(StandardCharsets.ISO_8859_1);
        } catch (RequestRejectedException refused) {
            assertThat(refused.getMessage()).as("says what is wrong").isNotBlank();
            return refused.reason().name();
        } finally {
            assertThat(in.release()).as("no piece keeps the buffer").isTrue();
        }
    }
}
