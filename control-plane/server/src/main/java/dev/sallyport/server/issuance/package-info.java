/** Certificates: join tokens, enrolment, renewal lineage, the control plane's own. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.issuance;
