package dev.sallyport.proxy.admin;

/** Makes a page on the event loop: reads memory only, never waits. */
@FunctionalInterface
public interface Pages {
    Page page(PageRequest request);
}
