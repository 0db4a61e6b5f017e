package dev.sallyport.server.issuance;

import org.jdbi.v3.core.Handle;

/** The newest event of the chain, kept beside it: a chain whose end was cut off, or that was emptied, is as consistent as before. Id 0: there was none yet. */
record EventHead(long id, String hash) {
    static EventHead read(Handle handle) {
        return handle.createQuery("select event, hash from certificate_event_head")
                .map((row, _) -> new EventHead(row.getLong("event"), row.getString("hash")))
                .findOne()
                .orElse(new EventHead(0, EventChain.START));
    }

    @Override
    public String toString() {
        return "event " + id + " with hash " + hash;
    }

    /** In the transaction of the event. */
    void write(Handle handle) {
        handle.execute("insert or replace into certificate_event_head (id, event, hash) values (1, ?, ?)", id, hash);
    }
}
