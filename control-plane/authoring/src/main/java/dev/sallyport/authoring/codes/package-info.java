/** What the codes of problems and warnings mean: the pages of {@code sallyport docs SP0301}, and the help of reports that other tools read. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring.codes;
