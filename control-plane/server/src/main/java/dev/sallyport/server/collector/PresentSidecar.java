package dev.sallyport.server.collector;

/** A sidecar that holds a lease or a connection, and so must have a stream. */
public record PresentSidecar(String service, String instance) {
    /** As the name of each of its streams begins. */
    @Override
    public String toString() {
        return service + "/" + instance;
    }
}
