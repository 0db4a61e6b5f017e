package dev.sallyport.proxy.opa;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.upstream.Target;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import dev.sallyport.proxy.upstream.UpstreamListener;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One question to one OPA: a connection, the request, the whole response, all before one deadline. Ends exactly once. Event loop only. */
final class Question implements UpstreamListener {
    private static final int REPEATS_MAX = 2;

    /** {@code alive}: a whole response came in time. */
    interface End {
        void with(Answer answer, boolean alive);
    }

    private final UpstreamPool pool;
    private final Target target;
    private final byte[] request;
    private final End end;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(64);
    private @Nullable Future<?> deadline;
    private @Nullable UpstreamConnection upstream;
    private int status;
    private List<String> contentTypes = List.of();
    private int repeats;
    private boolean ended;

    Question(UpstreamPool pool, Target target, byte[] request, End end) {
        this.pool = pool;
        this.target = target;
        this.request = request;
        this.end = end;
    }

    /** {@code limit} bounds everything: connecting, writing, reading. */
    void start(EventLoop loop, Duration limit) {
        deadline = loop.schedule(() -> late(limit), limit.toNanos(), TimeUnit.NANOSECONDS);
        pool.acquire(target, false, this);
    }

    private void late(Duration limit) {
        String what = upstream == null ? "no connection" : "no answer";
        fail(what + " within " + limit.toMillis() + " ms");
    }

    private void fail(String detail) {
        UpstreamConnection connection = upstream;
        if (connection != null) {
            connection.discard(); // A late answer must not meet the next question.
        }
        end(Answer.error(detail), false);
    }

    private void end(Answer answer, boolean alive) {
        if (ended) {
            return;
        }
        ended = true;
        upstream = null;
        if (deadline != null) {
            deadline.cancel(false);
        }
        end.with(answer, alive);
    }

    @Override
    public boolean wanted() {
        return !ended;
    }

    @Override
    public void connected(UpstreamConnection connection) {
        if (ended) {
            connection.release();
            return;
        }
        upstream = connection;
        connection.write(Unpooled.wrappedBuffer(request));
        connection.flush();
    }

    @Override
    public void unavailable(UpstreamFailure failure) {
        fail(failure.detail());
    }

    @Override
    public boolean takesResponse() {
        return true;
    }

    @Override
    public boolean knowsChunks() {
        return false;
    }

    @Override
    public void responseHead(ResponseHead received) {
        if (!received.informational()) {
            status = received.status();
            contentTypes = received.values(Field.CONTENT_TYPE);
        }
    }

    @Override
    public void responseBody(@Nullable ByteBuf piece, long dataBytes, boolean last) {
        boolean fits = dataBytes <= Answer.BYTES_MAX;
        if (piece != null) {
            if (fits) {
                body.writeBytes(ByteBufUtil.getBytes(piece));
            }
            piece.release();
        }
        if (!fits) {
            fail("more than " + Answer.BYTES_MAX + " bytes");
        } else if (last) {
            complete();
        }
    }

    private void complete() {
        UpstreamConnection connection = upstream;
        if (connection == null) {
            throw new IllegalStateException("a body without its connection");
        }
        connection.release();
        end(Answer.of(status, contentTypes, body.toByteArray()), true);
    }

    /** Repeated only when the peer has proved that it read nothing, as at a rotation of its certificate: another answer would not be a better one. */
    @Override
    public void failed(UpstreamFailure failure) {
        upstream = null;
        if (failure.untouched() && repeats < REPEATS_MAX) {
            repeats++;
            pool.acquire(target, true, this);
        } else {
            fail(failure.detail());
        }
    }

    @Override
    public void responseReadComplete() {}

    @Override
    public void upstreamWritable() {}
}
