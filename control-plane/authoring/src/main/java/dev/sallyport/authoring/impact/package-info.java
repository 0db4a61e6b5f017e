/** What a change of documents would have done to requests that were decided before it. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.impact;
