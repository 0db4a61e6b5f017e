package dev.sallyport.proxy.telemetry;

import dev.sallyport.identity.SpiffeId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Every open mTLS connection of the sidecar, for {@code /connections}: a rotation holds only when no old serial is left here. Any thread. */
public final class Connections {
    /** Who opened it. */
    public enum Direction {
        INBOUND,
        OUTBOUND
    }

    private final Set<Open> open = ConcurrentHashMap.newKeySet();

    /** One connection after its handshake; serials are lower-case hex. */
    public static final class Open {
        private final Direction direction;
        private final SpiffeId peer;
        private final String ownSerial;
        private final String peerSerial;
        private final Instant openedAt;
        private final AtomicLong requests = new AtomicLong();

        private Open(Direction direction, SpiffeId peer, String ownSerial, String peerSerial, Instant openedAt) {
            this.direction = direction;
            this.peer = peer;
            this.ownSerial = ownSerial;
            this.peerSerial = peerSerial;
            this.openedAt = openedAt;
        }

        /** One more request on this connection. */
        public void request() {
            requests.incrementAndGet();
        }

        public Direction direction() {
            return direction;
        }

        public SpiffeId peer() {
            return peer;
        }

        public String ownSerial() {
            return ownSerial;
        }

        public String peerSerial() {
            return peerSerial;
        }

        public Instant openedAt() {
            return openedAt;
        }

        public long requests() {
            return requests.get();
        }
    }

    /** Puts a connection on the list; {@link #closed} takes it off. */
    public Open opened(Direction direction, SpiffeId peer, String ownSerial, String peerSerial, Instant openedAt) {
        Open connection = new Open(direction, peer, ownSerial, peerSerial, openedAt);
        open.add(connection);
        return connection;
    }

    public void closed(Open connection) {
        open.remove(connection);
    }

    /** A copy, oldest first. */
    public List<Open> list() {
        return open.stream().sorted(Comparator.comparing(Open::openedAt)).toList();
    }
}
