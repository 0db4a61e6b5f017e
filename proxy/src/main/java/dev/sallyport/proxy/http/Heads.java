package dev.sallyport.proxy.http;

import java.util.ArrayDeque;

/** Request heads for the exchanges of one event loop, used again: an idle connection holds none. Event loop only. */
public final class Heads {
    /** What a burst leaves behind is small. */
    private static final int KEPT_MAX = 64;

    private final Limits limits;
    private final ArrayDeque<RequestHead> free = new ArrayDeque<>(KEPT_MAX);

    public Heads(Limits limits) {
        this.limits = limits;
    }

    /** An empty one. */
    public RequestHead take() {
        RequestHead head = free.pollLast();
        return head == null ? new RequestHead(limits) : head;
    }

    /** Nobody may look at it any more: the next request's bytes will stand there. */
    public void give(RequestHead head) {
        if (free.size() < KEPT_MAX) {
            head.reset();
            free.addLast(head);
        }
    }
}
