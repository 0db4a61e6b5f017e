package dev.sallyport.server.records;

import java.nio.ByteBuffer;

/**
 * The places of one term in a page: the term (4 bytes), how many places (2 bytes), and then each place (2 bytes), or, where that is shorter, one bit for every place of the block. Pages
 * hold postings in the order of their terms, which is that of signed numbers.
 */
final class Posting {
    private static final int HEAD_BYTES = 6;
    private static final int BITMAP_BYTES = Block.SIZE / Byte.SIZE;

    /** Of one posting. */
    static final int BYTES_MAX = HEAD_BYTES + BITMAP_BYTES;

    private Posting() {}

    static int bytes(int places) {
        return HEAD_BYTES + Math.min(BITMAP_BYTES, Short.BYTES * places);
    }

    private static boolean isBitmap(int places) {
        return Short.BYTES * places >= BITMAP_BYTES;
    }

    /** Of {@code pairs[from]} to before {@code to}, all of one term. */
    static void write(ByteBuffer page, long[] pairs, int from, int to) {
        int places = to - from;
        page.putInt((int) (pairs[from] >>> 32)).putShort((short) (places - 1));
        if (isBitmap(places)) {
            Bits bits = new Bits();
            for (int i = from; i < to; i++) {
                bits.set((int) pairs[i]);
            }
            for (int i = 0; i < BITMAP_BYTES / Long.BYTES; i++) {
                page.putLong(bits.word(i));
            }
        } else {
            for (int i = from; i < to; i++) {
                page.putShort((short) (int) pairs[i]);
            }
        }
    }

    /** Of {@code term}, adding to {@code bits}. */
    static void read(ByteBuffer page, int term, Bits bits) {
        while (page.remaining() > HEAD_BYTES) {
            int found = page.getInt();
            int places = (page.getShort() & 0xffff) + 1;
            if (found >= term) {
                if (found == term) {
                    places(page, places, bits);
                }
                return;
            }
            page.position(page.position() + bytes(places) - HEAD_BYTES);
        }
    }

    private static void places(ByteBuffer page, int places, Bits bits) {
        if (isBitmap(places)) {
            for (int i = 0; i < BITMAP_BYTES / Long.BYTES; i++) {
                bits.word(i, page.getLong());
            }
        } else {
            for (int i = 0; i < places; i++) {
                bits.set(page.getShort() & (Block.SIZE - 1));
            }
        }
    }
}
