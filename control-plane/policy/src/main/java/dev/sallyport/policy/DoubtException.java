package dev.sallyport.policy;

/** A fact that two readers could read differently, or that is beyond a bound: whatever asked for it does not hold. Stackless; the message never has a value of the request. */
final class DoubtException extends Exception {
    private static final long serialVersionUID = 1;

    DoubtException(String message) {
        super(message, null, false, false);
    }
}
