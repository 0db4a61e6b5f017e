package dev.sallyport.proxy;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.log.JsonText;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The one line on standard output: who we are and where we listen, printed when listeners, SVID and snapshot are there. */
record ReadyLine(
        String service,
        X509Svid svid,
        HostPort inbound,
        HostPort outbound,
        SortedMap<String, HostPort> upstreams,
        HostPort admin,
        HostPort metrics,
        HostPort health) {

    static HostPort address(InetSocketAddress bound) {
        return new HostPort(bound.getAddress().getHostAddress(), bound.getPort());
    }

    static SortedMap<String, HostPort> addresses(Map<String, InetSocketAddress> bound) {
        SortedMap<String, HostPort> addresses = new TreeMap<>();
        bound.forEach((name, address) -> addresses.put(name, address(address)));
        return addresses;
    }

    String toJson() {
        return JsonText.object(json -> {
            json.writeStringField("ready", "proxy");
            json.writeStringField("service", service);
            json.writeStringField("spiffeId", svid.id().toString());
            json.writeStringField("serial", svid.serial());
            json.writeStringField("notAfter", svid.notAfter().toString());
            json.writeStringField("inbound", inbound.toString());
            json.writeStringField("outbound", outbound.toString());
            json.writeObjectFieldStart("upstreams");
            for (Map.Entry<String, HostPort> upstream : upstreams.entrySet()) {
                json.writeStringField(upstream.getKey(), upstream.getValue().toString());
            }
            json.writeEndObject();
            json.writeStringField("admin", admin.toString());
            json.writeStringField("metrics", metrics.toString());
            json.writeStringField("health", health.toString());
        });
    }
}
