package dev.sallyport.server;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.collector.PresentSidecar;
import dev.sallyport.server.collector.Surroundings;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.stream.Sidecars;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The control plane as its collector sees it. */
record AuditSurroundings(
        Authorities authorities, Certificates certificates, LiveMesh mesh, Sidecars sidecars, Fetch fetch)
        implements Surroundings {
    @Override
    public TrustBundle bundle() {
        return mesh.state().bundle();
    }

    @Override
    public List<X509Certificate> intermediates() {
        var standing = authorities.active().standing();
        return Stream.concat(Stream.of(standing.issuer()), standing.next().stream())
                .toList();
    }

    @Override
    public Optional<String> instanceOf(String serial) {
        return certificates.find(serial).filter(entry -> !entry.canary()).map(Certificates.Entry::instance);
    }

    @Override
    public Optional<String> serviceOf(SpiffeId identity) {
        return mesh.state().serviceOf(identity).map(Mesh.Service::name);
    }

    @Override
    public List<PresentSidecar> present() {
        return sidecars.all().stream()
                .map(sidecar -> new PresentSidecar(
                        sidecar.holder().service(), sidecar.holder().instance()))
                .toList();
    }

    @Override
    public Fetch.Answer post(Targets targets, byte[] body) throws IOException, InterruptedException {
        return fetch.post(targets, body);
    }
}
