/** Tests of what a change changes. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.diff;
