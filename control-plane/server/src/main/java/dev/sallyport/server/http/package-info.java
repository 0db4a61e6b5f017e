/** The four listeners: sidecars, enrolment, API, monitoring. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.http;
