package dev.sallyport.proxy.inbound;

import dev.sallyport.proxy.token.TokenResult;

/** The tokens of a request: each call looks. */
interface Credentials {
    /** What the user's own token comes to. */
    TokenResult own();

    /** What the hop token comes to. */
    TokenResult carried();
}
