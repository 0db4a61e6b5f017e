/** {@code vault setup}: an empty Vault becomes one that a control plane can sign with, or is compared with what it must be. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.vault;
