package dev.sallyport.server.http;

import com.linecorp.armeria.server.ServerBuilder;

/** A part of what people may ask on 15015. */
public interface Routes {
    /** Adds its paths. */
    void serve(ServerBuilder server);
}
