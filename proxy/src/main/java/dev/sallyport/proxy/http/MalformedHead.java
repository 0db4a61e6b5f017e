package dev.sallyport.proxy.http;

import dev.sallyport.policy.Reason;

/** What a decoder hands on in place of a message whose head it refused; nothing after it on that connection is parsed. {@code detail} is for the record. */
public record MalformedHead(Reason reason, String detail) {}
