/** WHO SIGNS: the embedded certificate authority and its issuance policy. Bouncy Castle lives here and nowhere else. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authority;
