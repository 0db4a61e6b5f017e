package dev.sallyport.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.function.Consumer;

/**
 * A signal that asks a process to end; numbers as POSIX has them.
 *
 * <p>{@code sun.misc.Signal} is the only way to learn which one came (a shutdown hook does not know), and JEP 260 keeps it. It is called by reflection, because javac warns of it
 * whatever it is told, and a warning is an error here.
 */
public enum OsSignal {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    OsSignal(int number) {
        this.number = number;
    }

    /** As POSIX has it: a process that it ended has 128 and this as its exit code. */
    public int number() {
        return number;
    }

    /** From now on the signal goes to {@code action}, on a thread of its own; running the answer gives it back to whoever had it. */
    public Runnable intercept(Consumer<OsSignal> action) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Method handle = signals.getMethod("handle", signals, handlers);
            Object signal = signals.getConstructor(String.class).newInstance(name());
            Object before = handle.invoke(null, signal, handler(handlers, action));
            return () -> restore(handle, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("module jdk.unsupported is missing", e);
        }
    }

    /** Called with the signal itself, which we know already. */
    private Object handler(Class<?> handlers, Consumer<OsSignal> action) throws ReflectiveOperationException {
        MethodHandle received = MethodHandles.lookup()
                .findVirtual(Consumer.class, "accept", MethodType.methodType(void.class, Object.class))
                .bindTo(action)
                .bindTo(this);
        return MethodHandleProxies.asInterfaceInstance(
                handlers, MethodHandles.dropArguments(received, 0, Object.class));
    }

    private static void restore(Method handle, Object signal, Object before) {
        try {
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a handler that was set could not be set again", e);
        }
    }
}
