package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The certificate that each connected sidecar last acknowledged, by service and instance. */
public record SerialsInUse(SortedMap<String, String> bySidecar) {
    /** Of the sidecars of these services. */
    public static SerialsInUse of(ControlPlaneApi api, Predicate<String> service) throws CliException {
        SortedMap<String, String> serials = new TreeMap<>();
        for (JsonNode sidecar : api.sidecars().path("sidecars")) {
            String name = sidecar.path("service").asText();
            if (sidecar.path("connected").asBoolean() && service.test(name)) {
                serials.put(
                        name + " " + sidecar.path("instance").asText(),
                        sidecar.path("certificateSerial").asText());
            }
        }
        return new SerialsInUse(serials);
    }

    /** Those that still use theirs later, a line each. One that reconnects at this moment, as it may with its new certificate, counts as if it did. */
    public List<String> unchanged(SerialsInUse later) {
        List<String> unchanged = new ArrayList<>();
        bySidecar.forEach((sidecar, serial) -> {
            if (serial.equals(later.bySidecar.getOrDefault(sidecar, serial))) {
                unchanged.add("  " + sidecar + ": still certificate " + serial);
            }
        });
        return unchanged;
    }
}
