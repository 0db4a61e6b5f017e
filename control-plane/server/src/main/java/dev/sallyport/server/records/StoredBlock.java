package dev.sallyport.server.records;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Arrays;

/** A full block, in the file; in memory is only where its pages begin. Immutable. {@code firsts}: the first term of every page, ascending; {@code shift}: of the times kept. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shown
record StoredBlock(long number, long least, long most, int shift, int[] firsts) implements Block {
    /** Of a page that is not one large posting alone: SQLite needs no second page of its own for it. */
    static final int PAGE_BYTES_MAX = 4000;

    /** So that pages have names: no block has more. */
    static final int PAGES_BITS = 16;

    /** Cuts sorted pairs into pages; {@code pages} is told each with its first term. */
    interface Writer {
        void page(int first, byte[] bytes) throws SQLException;
    }

    static void pages(long[] pairs, Writer pages) throws SQLException {
        ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES_MAX + Posting.BYTES_MAX);
        int first = 0;
        for (int from = 0; from < pairs.length; ) {
            int to = from + 1;
            while (to < pairs.length && pairs[to] >>> 32 == pairs[from] >>> 32) {
                to++;
            }
            if (page.position() > 0 && page.position() + Posting.bytes(to - from) > PAGE_BYTES_MAX) {
                pages.page(first, Arrays.copyOf(page.array(), page.position()));
                page.clear();
            }
            if (page.position() == 0) {
                first = (int) (pairs[from] >>> 32);
            }
            Posting.write(page, pairs, from, to);
            from = to;
        }
        if (page.position() > 0) {
            pages.page(first, Arrays.copyOf(page.array(), page.position()));
        }
    }

    /** The times' distance from the least, in units of {@code 2^shift} ms so that each fits into an int; -1 where no record is. */
    static byte[] times(long[] times, long least, int shift) {
        ByteBuffer bytes = ByteBuffer.allocate(times.length * Integer.BYTES);
        for (long time : times) {
            bytes.putInt(time < least ? -1 : (int) ((time - least) >>> shift));
        }
        return bytes.array();
    }

    static int shift(long least, long most) {
        return Math.max(0, 33 - Long.numberOfLeadingZeros(most - least));
    }

    @Override
    public Bits having(int term, Pages pages) throws SQLException {
        Bits bits = new Bits();
        int at = Arrays.binarySearch(firsts, term);
        int page = at >= 0 ? at : -at - 2;
        if (page >= 0) {
            Posting.read(ByteBuffer.wrap(pages.page(number << PAGES_BITS | page)), term, bits);
        }
        return bits;
    }

    @Override
    public Bits between(long from, long to, Pages pages) throws SQLException {
        Bits bits = new Bits();
        // Rounded outwards: the row has the exact time.
        long first = Math.max(0, from - least) >>> shift;
        long last = Math.max(-1, to - 1 - least) >> shift;
        ByteBuffer times = ByteBuffer.wrap(pages.times(number));
        for (int place = 0; place < SIZE && times.hasRemaining(); place++) {
            long time = times.getInt();
            if (time >= first && time <= last) {
                bits.set(place);
            }
        }
        return bits;
    }
}
