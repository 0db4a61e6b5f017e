package dev.sallyport.benchmarks.growth;

/** A cost at one size: median over the rounds, with the least and the greatest. */
public record Point(double x, double median, double least, double greatest) {}
