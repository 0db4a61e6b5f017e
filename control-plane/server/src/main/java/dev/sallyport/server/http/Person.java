package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.server.http.Problem.ProblemException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who asks on 15015: the name and role of the certificate that the people's authority signed and the handshake verified. */
record Person(String name, String role) {
    private static final String ADMIN = "admin";

    static Person of(ServiceRequestContext context) throws ProblemException {
        SSLSession session = context.sslSession();
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            if (chain.length == 0 || !(chain[0] instanceof X509Certificate leaf)) {
                throw new ProblemException(HttpStatus.FORBIDDEN, "client certificate: missing");
            }
            LdapName subject = new LdapName(leaf.getSubjectX500Principal().getName());
            return new Person(part(subject, "CN"), part(subject, "O"));
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            throw new ProblemException(HttpStatus.FORBIDDEN, "client certificate: " + e.getMessage());
        }
    }

    private static String part(LdapName subject, String type) throws ProblemException {
        return subject.getRdns().stream()
                .filter(rdn -> rdn.getType().equals(type))
                .map(Rdn::getValue)
                .map(Object::toString)
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.FORBIDDEN, "client certificate: no " + type + " in its subject"));
    }

    /** For everything that changes something or makes a credential. */
    Person asAdmin() throws ProblemException {
        if (!role.equals(ADMIN)) {
            throw new ProblemException(HttpStatus.FORBIDDEN, "role: " + role + " (expected: " + ADMIN + ")");
        }
        return this;
    }
}
