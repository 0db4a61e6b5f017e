package dev.sallyport.proxy.admin;

/** Makes a page of what is in memory; it never waits. On the connection's event loop or on the pages' thread, as {@link PageServer#bind} says. */
@FunctionalInterface
public interface Pages {
    Page page(PageRequest request);
}
