-- Generations of the authority, never renumbered; the keys of each are in <state>/ca/<number>. roots: what its leaves are verified with, PEM; null until it was opened.
create table ca_generations (
    number       integer primary key,
    kind         text    not null,
    state        text    not null,
    roots        text,
    created_at   integer not null,
    activated_at integer,
    retired_at   integer
) strict;

-- One generation following another. The phase is durable before any of its effects shows, so that a restart goes on where it was.
create table ca_rotations (
    id              integer primary key,
    subject         text    not null,
    from_generation integer not null,
    to_generation   integer not null,
    phase           text    not null,
    changed_at      integer not null,
    started_by      text    not null,
    started_at      integer not null,
    emergency       integer not null default 0,
    problem         text,
    because         text
) strict;

create table ca_excluded (
    rotation    integer not null,
    name        text    not null,
    excluded_by text    not null,
    at          integer not null,
    primary key (rotation, name)
) strict;

-- What an instance said last of its canary; refused is null when it passed.
create table ca_canaries (
    rotation integer not null,
    identity text    not null,
    instance text    not null,
    refused  text,
    at       integer not null,
    primary key (rotation, identity, instance)
) strict;

-- generation: who signed it. shown: its holder has used it here, so that it is no longer a promise.
alter table certificates add column generation integer not null default 1;
alter table certificates add column shown integer not null default 0;
