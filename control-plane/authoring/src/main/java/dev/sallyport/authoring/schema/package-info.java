/** The language as JSON Schema: what editors complete by, what {@code policy fmt} orders by. Its parts are resources beside these classes. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.schema;
