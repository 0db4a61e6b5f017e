package dev.sallyport.proxy.admin;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;

/** Labels in the making: what is absent is left out, which to Prometheus is the same as empty. */
final class LabelSet {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    LabelSet with(String name, String value) {
        if (!value.isEmpty()) {
            names.add(name);
            values.add(value);
        }
        return this;
    }

    /** Where a reader wants the name all the same. */
    LabelSet withEmpty(String name) {
        names.add(name);
        values.add("");
        return this;
    }

    Labels labels() {
        return Labels.of(names, values);
    }
}
