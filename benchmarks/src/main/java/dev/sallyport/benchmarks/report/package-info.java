/** What is made of raw figures: budgets that are kept or not, tables, plots and the report that holds them. */
package dev.sallyport.benchmarks.report;
