/** SPEAKS WITH VAULT: its settings, one gateway to its API, and the life of the token. Knows paths, answers and failures; nothing of what our certificates look like. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authority.vault;
