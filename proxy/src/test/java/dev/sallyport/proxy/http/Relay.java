package dev.sallyport.proxy.http;

import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Scanner and reader of bodies put together as the sidecar does it, message after message on one connection, and reused for the next connection. Either framed, when chunks pass as they are and only what was passed on
 * is of interest, or not, when it tells fields and payload.
 */
final class Relay<H extends Head> {
    /** On the heap and watched by nobody: leaks are the tables' to find, and the watch costs ten times what is watched. */
    static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    private static final int SWITCHING_PROTOCOLS = 101;

    private final boolean framed;
    private final H head;
    private final Function<H, String> line;
    private final Function<H, ByteBuf> encode;
    private final BiConsumer<H, Body> frame;
    private final Body body = new Body(Limits.standard());
    private final List<Reading.Message> messages = new ArrayList<>();
    private final StringBuilder payload = new StringBuilder();
    private final StringBuilder forwarded = new StringBuilder();
    private String current = "";
    private List<String> fields = List.of();
    private boolean inBody;

    private Relay(
            boolean framed, H head, Function<H, String> line, Function<H, ByteBuf> encode, BiConsumer<H, Body> frame) {
        this.framed = framed;
        this.head = head;
        this.line = line;
        this.encode = encode;
        this.frame = frame;
    }

    static Relay<RequestHead> ofRequests(boolean framed) {
        return ofRequests(framed, head -> {});
    }

    /** {@code change}: what is done to a head before it goes on. */
    static Relay<RequestHead> ofRequests(boolean framed, Consumer<RequestHead> change) {
        return new Relay<>(
                framed,
                new RequestHead(Limits.standard()),
                head -> head.method() + " " + head.text(head.targetStart(), head.targetEnd())
                        + (head.isHttp10() ? " HTTP/1.0" : " HTTP/1.1"),
                head -> {
                    change.accept(head);
                    return head.encode(ALLOCATOR);
                },
                (head, body) -> {
                    if (head.chunked()) {
                        body.chunked(framed, true);
                    } else {
                        body.length(Math.max(head.contentLength(), 0));
                    }
                });
    }

    /** Answers to GET. What follows a switch of protocols is not read. */
    static Relay<ResponseHead> ofResponses(boolean framed) {
        return new Relay<>(
                framed,
                new ResponseHead(Limits.standard()),
                head -> "HTTP/1.1 " + head.status(),
                head -> head.encode(ALLOCATOR, 0),
                (head, body) -> {
                    if (head.status() == SWITCHING_PROTOCOLS) {
                        body.untilClose();
                    } else if (head.bodiless(false)) {
                        body.none();
                    } else if (head.chunked()) {
                        body.chunked(framed, true);
                    } else if (head.contentLength() > 0) {
                        body.length(head.contentLength());
                    } else {
                        body.untilClose();
                    }
                });
    }

    Reading read(byte[]... parts) {
        head.reset();
        body.none();
        messages.clear();
        forwarded.setLength(0);
        inBody = false;
        ByteBuf in = Unpooled.buffer();
        String refused = "";
        try {
            for (byte[] part : parts) {
                in.writeBytes(part);
                advance(in);
            }
            body.closed();
        } catch (RequestRejectedException e) {
            refused = e.reason().name();
        }
        if (inBody) {
            end();
        }
        if (!in.release()) {
            throw new AssertionError("a piece keeps the buffer");
        }
        return new Reading(List.copyOf(messages), refused, forwarded.toString());
    }

    private void advance(ByteBuf in) throws RequestRejectedException {
        while (inBody || head.read(in)) {
            if (!inBody) {
                begin();
            }
            ByteBuf piece;
            while ((piece = body.read(in, ALLOCATOR)) != null) {
                payload.append(released(piece));
            }
            if (!body.complete()) {
                if (in.isReadable()) {
                    throw new AssertionError("a body leaves bytes and is not complete");
                }
                return;
            }
            end();
            head.reset();
        }
    }

    private void begin() {
        inBody = true;
        payload.setLength(0);
        current = line.apply(head);
        fields = framed ? List.of() : fields();
        frame.accept(head, body);
        forwarded.append(released(encode.apply(head)));
    }

    private List<String> fields() {
        List<String> lines = new ArrayList<>(head.fields());
        for (int i = 0; i < head.fields(); i++) {
            lines.add(head.name(i) + ": " + head.value(i));
        }
        return lines;
    }

    private void end() {
        inBody = false;
        forwarded.append(payload);
        messages.add(new Reading.Message(current, fields, payload.toString(), List.of(), body.complete()));
    }

    private static String released(ByteBuf bytes) {
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        bytes.release();
        return text;
    }
}
