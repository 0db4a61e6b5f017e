-- A lineage is found by its first key, then by parent: an alarm must not read the whole inventory while everything else waits for the store.
create index certificates_by_key on certificates (key_hash);
create index join_tokens_by_key on join_tokens (key_hash);
