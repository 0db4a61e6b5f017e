package dev.sallyport.server.records;

import java.sql.SQLException;

/** {@value #SIZE} consecutive entries of the log, and which of them have a value. A place is an entry's distance from the first one. Any thread. */
interface Block {
    /** By measurement: larger blocks make the open one slower and what is written at once more, smaller ones make more of them to look into. */
    int PLACE_BITS = 16;

    int SIZE = 1 << PLACE_BITS;

    /** Its first entry's index in the log is {@code number * SIZE}. */
    long number();

    /** Of its records' times, in milliseconds since 1970. */
    long least();

    long most();

    /** Those that may have the value of this term (two values can have one term); empty when none has. */
    Bits having(int term, Pages pages) throws SQLException;

    /** Those that may be of this time, {@code to} excluded. */
    Bits between(long from, long to, Pages pages) throws SQLException;

    static long of(long index) {
        return index >>> PLACE_BITS;
    }

    static int place(long index) {
        return (int) index & (SIZE - 1);
    }
}
