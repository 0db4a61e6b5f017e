package dev.sallyport.audit.tlog;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One signature line of a note: who says so, by name and key id, and the bytes. Nothing is verified by having one. */
@SuppressWarnings("ArrayRecordComponent") // equality is written out below
public record NoteSignature(String name, int keyId, byte[] bytes) {
    private static final String MARK = "\u2014 "; // em dash

    /** A key's id and at least one byte. */
    private static final int BYTES_MIN = 5;

    /** Without its line feed; empty when it is none. */
    static Optional<NoteSignature> parse(String line) {
        int space = line.lastIndexOf(' ');
        if (!line.startsWith(MARK) || space < MARK.length()) {
            return Optional.empty();
        }
        String name = line.substring(MARK.length(), space);
        return Base64Text.decode(line.substring(space + 1))
                .filter(bytes -> bytes.length >= BYTES_MIN && SignedNote.isKeyName(name))
                .map(bytes -> new NoteSignature(
                        name, ByteBuffer.wrap(bytes).getInt(), Arrays.copyOfRange(bytes, 4, bytes.length)));
    }

    /** With its line feed. */
    public String line() {
        byte[] all =
                ByteBuffer.allocate(4 + bytes.length).putInt(keyId).put(bytes).array();
        return MARK + name + " " + Base64Text.encode(all) + "\n";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NoteSignature that
                && name.equals(that.name)
                && keyId == that.keyId
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, keyId, Arrays.hashCode(bytes));
    }
}
