/** One request, whichever its direction: its life, its refusal, its record, its bodies with back-pressure. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.exchange;
