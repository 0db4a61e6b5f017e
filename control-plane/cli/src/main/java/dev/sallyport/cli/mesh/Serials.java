package dev.sallyport.cli.mesh;

/** Serial numbers in tables: their first 16 hex digits tell certificates of a mesh apart; JSON has them whole. */
final class Serials {
    private static final int SHOWN = 16;

    private Serials() {}

    static String shown(String serial) {
        return serial.substring(0, Math.min(SHOWN, serial.length()));
    }
}
