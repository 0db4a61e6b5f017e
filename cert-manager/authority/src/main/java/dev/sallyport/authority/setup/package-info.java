/** SETS VAULT UP: what has to be there for the mesh, as data; compares, makes it so, and asks at each start for proof by a throw-away certificate. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authority.setup;
