package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import dev.sallyport.authoring.schema.Schemas;

/** The language's schemas on 15015, for editors: whoever may connect may read them, whatever the role, for they say nothing about this mesh. */
final class SchemaPages {
    /** draft-bhutton-json-schema-01 section 14.1. */
    private static final MediaType SCHEMA = MediaType.create("application", "schema+json");

    private SchemaPages() {}

    /** {@code /schema/v1.json} for every kind, {@code /schema/v1/RoutePolicy.json} for one. */
    static void serve(ServerBuilder server) {
        page(server, "/schema/v1.json", Schemas.all());
        for (String kind : Schemas.kinds()) {
            page(server, "/schema/v1/" + kind + ".json", Schemas.of(kind).orElseThrow());
        }
    }

    private static void page(ServerBuilder server, String path, String schema) {
        HttpData bytes = HttpData.ofUtf8(schema);
        server.route().get(path).build((_, _) -> HttpResponse.of(HttpStatus.OK, SCHEMA, bytes));
    }
}
