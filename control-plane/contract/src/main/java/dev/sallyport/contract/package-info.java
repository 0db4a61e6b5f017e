/** WHAT CROSSES A PROCESS BOUNDARY: snapshot and its signature, key list, join file, enrolment, renewal, acks, framing; names between sidecars. JSON, versioned. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.contract;
