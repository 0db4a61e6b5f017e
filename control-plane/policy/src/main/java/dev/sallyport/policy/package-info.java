/** WHAT IS ALLOWED: the documents' model, facts, canonical request, the one decision engine, explanation. Pure; no Netty. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.policy;
