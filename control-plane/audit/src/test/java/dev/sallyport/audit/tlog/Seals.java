package dev.sallyport.audit.tlog;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the seals of {@link Workload}, and receipts {@code pruned N}. */
final class Seals implements LeafReader {
    private final Map<String, Workload> workloads = new HashMap<>();
    private final Set<String> verified = new HashSet<>(); // signatures cost more than all the rest

    Workload workload(String stream) {
        return workloads.computeIfAbsent(stream, Workload::new);
    }

    @Override
    public Sealed seal(long index, byte[] leaf) throws BadLeafException {
        String text = new String(leaf, StandardCharsets.US_ASCII);
        String[] parts = text.substring(text.indexOf("\"seal\":\"") + 8, text.length() - 2)
                .split(" ", -1);
        Workload workload = workload(parts[5]);
        try {
            Signature verifying = Signature.getInstance("Ed25519");
            verifying.initVerify(workload.keys.getPublic());
            verifying.update(text.substring(text.indexOf(parts[0]), text.lastIndexOf(' '))
                    .getBytes(StandardCharsets.US_ASCII));
            if (!verified.contains(text)
                    && !verifying.verify(Base64.getDecoder().decode(parts[6]))) {
                throw new BadLeafException("seal of " + parts[0] + ": its signature does not hold");
            }
        } catch (GeneralSecurityException e) {
            throw new BadLeafException("seal of " + parts[0] + ": its signature cannot be read");
        }
        verified.add(text);
        return new Sealed(parts[5], parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3], parts[4]);
    }

    @Override
    public OptionalLong other(byte[] leaf) throws BadLeafException {
        String text = new String(leaf, StandardCharsets.US_ASCII);
        if (text.startsWith("pruned ")) {
            return OptionalLong.of(Long.parseLong(text.substring(7)));
        }
        if (text.startsWith("note ")) {
            return OptionalLong.empty();
        }
        throw new BadLeafException("not a leaf of this log");
    }
}
