/** HTTP/1.1 as the sidecar accepts it: strict heads in both directions, header hygiene, problem bodies. RFC 9110, RFC 9112. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.http;
