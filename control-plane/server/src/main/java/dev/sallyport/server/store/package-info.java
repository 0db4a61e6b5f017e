/** What outlives a restart: one SQLite file, one thread for all SQL, one gap-free revision. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.store;
