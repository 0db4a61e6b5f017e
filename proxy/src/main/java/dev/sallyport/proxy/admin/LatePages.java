package dev.sallyport.proxy.admin;

/** Pages that come after their listener: a port in use is told at start, before the sidecar joins; until then the answer is 503. */
public final class LatePages implements Pages {
    private volatile Pages pages = _ -> Page.text(503, "starting\n");

    public void become(Pages ready) {
        pages = ready;
    }

    @Override
    public Page page(PageRequest request) {
        return pages.page(request);
    }
}
