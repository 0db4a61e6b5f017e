package dev.sallyport.server.ca;

/** Everything that a rotation does outside of its store passes here, so that a process can end before or after any of it. */
final class Effects {
    /** The process is gone: nothing catches this. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private int left = Integer.MAX_VALUE;

    /** The process will not live to see more than {@code moments} more: each effect has one before and one after it. */
    void killAfter(int moments) {
        left = moments;
    }

    void live() {
        left = Integer.MAX_VALUE;
    }

    void happen(Runnable effect) {
        moment();
        effect.run();
        moment();
    }

    void moment() {
        if (left-- <= 0) {
            throw new Killed();
        }
    }
}
