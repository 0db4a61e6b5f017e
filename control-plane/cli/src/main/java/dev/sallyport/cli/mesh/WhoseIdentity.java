package dev.sallyport.cli.mesh;

import picocli.CommandLine.Option;

/** An identity on the command line, itself or by its service: exactly one of both, as the group that holds it says. */
class WhoseIdentity {
    @Option(names = "--identity", required = true, paramLabel = "ID", description = "the SPIFFE ID")
    private String identity = "";

    @Option(names = "--service", required = true, paramLabel = "SERVICE", description = "the identity of this service")
    private String service = "";

    /** How the API calls what was given. */
    String kind() {
        return !identity.isEmpty() ? "identity" : "service";
    }

    String value() {
        return identity + service;
    }
}
