/** The demo: a real shop of many processes, and nine steps, each of which shows what was seen and how to see it again. Nothing here is printed that was not observed. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.demo;
