/** What people and monitors ask a sidecar: health, metrics, and the administrator's pages. Three small HTTP servers away from the data path. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.admin;
