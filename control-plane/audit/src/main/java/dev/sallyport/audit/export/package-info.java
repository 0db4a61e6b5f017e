/**
 * Records in the words of other tools: one class for each format, so that whoever copies records, live or as an export, says the same. Copies are for looking and searching; the evidence is
 * the log itself. Everything is written as JSON in ASCII: a text that a client chose cannot end a line, a record or a string.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.audit.export;
