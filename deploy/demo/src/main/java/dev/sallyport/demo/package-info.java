/** The shop and its identity provider: what the demo runs beside the sidecars. Plain JDK HTTP servers that know nothing of Sallyport but its headers. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.demo;
