-- leaf: the certificate itself (DER) until it has ended: an authority with a list of its own is told by certificate. issuer: the name of the certificate that signed it.
-- origin and attested_at: by which method, and when, the lineage that it belongs to was attested.
alter table certificates add column leaf blob;
alter table certificates add column issuer text not null default '';
alter table certificates add column origin text not null default 'join-token';
alter table certificates add column attested_at integer not null default 0;
update certificates set attested_at = issued_at;

-- What happened to certificates. hash = SHA-256 over the previous hash and the row: a removed or altered event shows. '' stands for "none"; count: how many of the same, for refusals of strangers.
create table certificate_events (
    id       integer primary key,
    at       integer not null,
    kind     text    not null,
    serial   text    not null,
    identity text    not null,
    instance text    not null,
    method   text    not null,
    actor    text    not null,
    detail   text    not null,
    count    integer not null,
    previous text    not null,
    hash     text    not null
) strict;

create index certificate_events_by_serial on certificate_events (serial) where serial <> '';
create index certificate_events_by_identity on certificate_events (identity, at) where identity <> '';
create index certificate_events_by_time on certificate_events (at);

-- What was taken back. serial '' means the identity as a whole, until it is reinstated; a certificate stays revoked, and its row counts until a little after its end.
-- tell: whether the authority that signed it has to be told (wanted), was told (told), has no list to be told of (none), or could not be told before the end (given-up).
create table revocations (
    id            integer primary key,
    serial        text    not null,
    identity      text    not null,
    reason        text    not null,
    revoked_by    text    not null,
    at            integer not null,
    until         integer,
    reinstated_by text,
    reinstated_at integer,
    tell          text    not null,
    tell_tries    integer not null default 0,
    tell_next     integer not null default 0,
    told_at       integer
) strict;

create unique index revocations_by_serial on revocations (serial) where serial <> '';
create unique index revocations_in_force on revocations (identity) where serial = '' and reinstated_at is null;
create index revocations_to_tell on revocations (tell_next) where tell = 'wanted';

-- Which key a pod used first within the life of its token.
create table attested_pods (
    token_hash text    primary key,
    pod_uid    text    not null,
    identity   text    not null,
    key_hash   text    not null,
    first_at   integer not null,
    expires    integer not null,
    revoked    integer not null default 0
) strict;

create index attested_pods_by_pod on attested_pods (pod_uid);
create index attested_pods_by_identity on attested_pods (identity);
