/**
 * One canonical form of a document, with its comments: {@link dev.sallyport.authoring.format.Format}. Read with places and styles (Written), comments put to what they stand by
 * (Comments), printed (Printer), and compared with what was read before anyone may write it.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.format;
