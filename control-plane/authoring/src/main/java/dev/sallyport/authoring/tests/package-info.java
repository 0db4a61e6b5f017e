/** Tests of policies: {@code PolicyTest} documents, read and run offline, and what they cover. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.tests;
