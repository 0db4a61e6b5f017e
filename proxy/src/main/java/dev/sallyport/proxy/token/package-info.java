/** User tokens: RFC 7519 under the rules of RFC 8725, with keys out of the snapshot. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.token;
