-- One row: the mesh that this store belongs to. Its name and trust domain never change; the revision rises by one with each change, in the change's own transaction.
-- issued_at is the newest issue time of any snapshot (milliseconds), so that it rises across restarts and clock steps.
create table mesh (
    id           integer primary key check (id = 1),
    name         text    not null,
    trust_domain text    not null,
    epoch        integer not null,
    revision     integer not null,
    issued_at    integer not null
) strict;

-- The sources of the current set, as their author wrote them.
create table documents (
    position integer primary key,
    name     text not null unique,
    content  text not null
) strict;

-- hash = SHA-256 over the previous hash and the row: a removed or altered change shows.
create table change_log (
    revision integer primary key,
    at       text not null,
    actor    text not null,
    digest   text not null,
    previous text not null,
    hash     text not null
) strict;

create table join_tokens (
    token_hash   text primary key,
    service      text not null,
    identity     text not null,
    created_by   text not null,
    created_at   integer not null,
    expires      integer not null,
    key_hash     text,
    used_at      integer,
    revoked      integer not null default 0
) strict;

create table certificates (
    serial        text primary key,
    identity      text    not null,
    not_before    integer not null,
    not_after     integer not null,
    renew_at      integer not null,
    issued_at     integer not null,
    method        text    not null,
    instance      text    not null,
    key_hash      text    not null,
    parent_serial text,
    revoked       integer not null default 0
) strict;

create index certificates_by_identity on certificates (identity, instance, issued_at);
create index certificates_by_parent on certificates (parent_serial);
create index certificates_by_end on certificates (not_after);

-- Private keys as JWK, encrypted under the key-encryption key, which is not in this file.
create table signing_keys (
    purpose text primary key,
    sealed  blob not null
) strict;

create table leases (
    service   text    not null,
    instance  text    not null,
    advertise text    not null,
    until     integer not null,
    primary key (service, instance)
) strict;

create table issuer_keys (
    issuer     text    not null,
    jwks_uri   text    not null,
    jwks       text    not null,
    fetched_at integer not null,
    primary key (issuer, jwks_uri)
) strict;
