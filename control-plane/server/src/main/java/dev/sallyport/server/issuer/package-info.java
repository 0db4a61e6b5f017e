/** The keys of token issuers: found by discovery, fetched within bounds, the last good set kept. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.issuer;
