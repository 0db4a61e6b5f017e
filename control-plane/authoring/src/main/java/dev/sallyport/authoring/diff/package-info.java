/** What a change of documents changes: who may call what that could not before, and the reverse. What is not proven to narrow counts as widening. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.diff;
