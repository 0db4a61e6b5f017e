package dev.sallyport.proxy.testing;

import dev.sallyport.proxy.http.Limits;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;

/** The standard limits but for some. */
public final class TestLimits {
    private TestLimits() {}

    /** {@code changed}: by component name; an unknown one fails. */
    public static Limits with(Map<String, Object> changed) throws ReflectiveOperationException {
        Map<String, Object> left = new HashMap<>(changed);
        RecordComponent[] components = Limits.class.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object standard = components[i].getAccessor().invoke(Limits.standard());
            types[i] = components[i].getType();
            Object value = left.remove(components[i].getName());
            values[i] = value == null ? standard : value;
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("no such limits: " + left.keySet());
        }
        return Limits.class.getConstructor(types).newInstance(values);
    }
}
