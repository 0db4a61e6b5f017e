package dev.sallyport.authority.vault;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What an operator would have read. */
public final class Heard implements VaultEvents {
    public final List<String> security = new CopyOnWriteArrayList<>();
    public final List<String> warnings = new CopyOnWriteArrayList<>();
    public final List<String> infos = new CopyOnWriteArrayList<>();

    @Override
    public void security(String what) {
        security.add(what);
    }

    @Override
    public void warning(String what) {
        warnings.add(what);
    }

    @Override
    public void info(String what) {
        infos.add(what);
    }
}
