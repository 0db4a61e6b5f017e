package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.HandshakeMetrics.Result;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.tls.RefusedPeerException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Between TLS and HTTP: with a SPIFFE ID the connection goes on to HTTP, without one it is closed and put on record. Until then there is no HTTP in the pipeline. */
final class PeerIdentityHandler extends ChannelInboundHandlerAdapter {
    /** Continues with who called and the SNI that was asked for. */
    interface Next {
        void proven(ChannelHandlerContext ctx, Peer peer, Optional<String> serverName);
    }

    private final Worker worker;
    private final SslHandler tls;
    private final SvidVerifier svids;
    private final Next next;

    PeerIdentityHandler(Worker worker, SslHandler tls, SvidVerifier svids, Next next) {
        this.worker = worker;
        this.tls = tls;
        this.svids = svids;
        this.next = next;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                identify(ctx);
            } else {
                refuse(ctx, handshake.cause());
            }
        }
        super.userEventTriggered(ctx, event);
    }

    private void identify(ChannelHandlerContext ctx) {
        try {
            Peer peer = Peer.of(tls.engine(), svids);
            worker.metrics().handshakes().ended(Direction.INBOUND, Result.SUCCESS);
            next.proven(ctx, peer, serverName(tls.engine().getSession()));
            ctx.pipeline().remove(this);
        } catch (SvidRejectedException | SSLPeerUnverifiedException e) {
            refuse(ctx, e);
        }
    }

    private static Optional<String> serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            List<SNIServerName> names = extended.getRequestedServerNames();
            if (names.size() == 1 && names.getFirst() instanceof SNIHostName name) {
                return Optional.of(name.getAsciiName());
            }
        }
        return Optional.empty();
    }

    private void refuse(ChannelHandlerContext ctx, Throwable cause) {
        String reason = reason(cause);
        if (reason.isEmpty() || !ctx.pipeline().get(FirstByteHandler.class).heard()) {
            worker.metrics().connectionSilent();
        } else {
            AuditRecord record = worker.newRecord(AuditRecord.Direction.CONNECTION);
            record.peerAddress = address(ctx);
            record.verdict = AuditRecord.Verdict.DENY;
            record.reason = reason;
            record.detail = cause.getMessage();
            record.peerFingerprint = RefusedPeerException.in(cause)
                    .map(RefusedPeerException::fingerprint)
                    .filter(print -> !print.isEmpty())
                    .orElse(null);
            worker.metrics().handshakes().ended(Direction.INBOUND, Result.REFUSED);
            if (Log.debugs()) {
                Log.debug("connection refused", "peer", record.peerAddress, "reason", reason, "decision", record.id);
            }
            worker.appendRefused(record);
        }
        ctx.close();
    }

    /** The word on record; empty when the other side gave up by itself, which a stranger may do as often as he likes. */
    private static String reason(Throwable cause) {
        Optional<RefusedPeerException> refused = RefusedPeerException.in(cause);
        if (refused.isPresent()) {
            return refused.get().reason().code();
        }
        if (cause instanceof SvidRejectedException rejected) {
            return rejected.reason().code();
        }
        String message = String.valueOf(cause.getMessage());
        if (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") || cause instanceof SSLPeerUnverifiedException) {
            return SvidRejectedException.Reason.MISSING.code();
        }
        // After a time-out too: the peer may be slow, or gone, and nobody saw a certificate refused.
        boolean theirs = !(cause instanceof SSLException)
                || cause instanceof SslHandshakeTimeoutException
                || message.contains("ALERT")
                || message.contains("closed");
        return theirs ? "" : Reason.TLS_REQUIRED.code();
    }

    private static String address(ChannelHandlerContext ctx) {
        return ctx.channel().remoteAddress() instanceof InetSocketAddress remote
                ? remote.getAddress().getHostAddress() + ":" + remote.getPort()
                : "";
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
