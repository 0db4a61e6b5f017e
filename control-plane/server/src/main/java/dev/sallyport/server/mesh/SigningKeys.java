package dev.sallyport.server.mesh;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;

/**
 * The mesh's root key, which every sidecar has from its join file and which signs nothing but the key list, and the key that signs snapshots. Both are made at the first start
 * and rest encrypted in the store. Immutable.
 */
public final class SigningKeys {
    private final ECKey root;
    private final ECKey snapshots;
    private final String keyList;

    private SigningKeys(ECKey root, ECKey snapshots, String keyList) {
        this.root = root;
        this.snapshots = snapshots;
        this.keyList = keyList;
    }

    /** IOException: the keys were encrypted under another key-encryption key. */
    public static SigningKeys open(Store store, KeyEncryption encryption, MeshIdentity mesh) throws IOException {
        ECKey root = key(store, encryption, "mesh-root-key");
        ECKey snapshots = key(store, encryption, "snapshot-key");
        String list = new KeyList(mesh.name(), mesh.epoch(), List.of(snapshots.toPublicJWK())).sign(root);
        return new SigningKeys(root, snapshots, list);
    }

    private static ECKey key(Store store, KeyEncryption encryption, String purpose) throws IOException {
        Optional<byte[]> sealed =
                store.read(handle -> handle.createQuery("select sealed from signing_keys where purpose = ?")
                        .bind(0, purpose)
                        .map((row, _) -> row.getBytes("sealed"))
                        .findOne());
        try {
            if (sealed.isPresent()) {
                return ECKey.parse(new String(encryption.decrypt(sealed.get(), purpose), StandardCharsets.UTF_8));
            }
            ECKey made = new ECKeyGenerator(Curve.P_256)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true)
                    .generate();
            byte[] blob = encryption.encrypt(made.toJSONString().getBytes(StandardCharsets.UTF_8), purpose);
            store.change(handle ->
                    handle.execute("insert into signing_keys (purpose, sealed) values (?, ?)", purpose, blob));
            return made;
        } catch (ParseException | JOSEException e) {
            throw new IOException("store: " + purpose + " is unreadable", e);
        }
    }

    /** The public root keys for join files. */
    public List<ECKey> rootKeys() {
        return List.of(root.toPublicJWK());
    }

    public SignedSnapshot sign(MeshSnapshot snapshot) {
        return SignedSnapshot.sign(snapshot, snapshots);
    }

    /** The compact JWS of {@link KeyList}. */
    public String keyList() {
        return keyList;
    }

    /** Never a key. */
    @Override
    public String toString() {
        return "SigningKeys[" + snapshots.getKeyID() + "]";
    }
}
