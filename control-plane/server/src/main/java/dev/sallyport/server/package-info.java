/** The control plane's process: its configuration, state folder and wiring. Everything else is in the packages below. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server;
