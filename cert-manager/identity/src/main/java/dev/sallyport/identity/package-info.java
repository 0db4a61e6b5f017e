/** WHO: the names and proofs of a workload. SPIFFE ID, X.509-SVID, trust bundle, CSR, JSSE managers. JDK only. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.identity;
