-- How far the tiled log has been read into the tables below, which can be made anew from it. key: the log's own, so that another log is not mistaken for this one.
create table audit_log (
    id     integer primary key check (id = 1),
    key    text    not null,
    size   integer not null,
    pruned integer not null default 0
) strict;

-- One row a stream: its newest durable record. identity: the SPIFFE ID that its first batch was sealed by, and no other afterwards. Times in milliseconds.
create table audit_streams (
    stream   text primary key,
    identity text    not null,
    last     integer not null,
    head     text    not null,
    since    integer not null,
    newest   integer not null,
    ended    integer not null
) strict;

-- Where the records of the newest batches of each stream are in the tiled log, to tell a batch that comes again from another history: position is the index of record first.
create table audit_batches (
    stream   text    not null,
    last     integer not null,
    first    integer not null,
    position integer not null,
    primary key (stream, last)
) strict, without rowid;

-- recorded: whether the leaf that says so is durable, of the opening (1) and of the end (2).
create table audit_findings (
    id       integer primary key,
    kind     text    not null,
    subject  text    not null,
    detail   text    not null,
    since    integer not null,
    until    integer,
    resolution text  not null default '',
    recorded integer not null default 0
) strict;

create unique index audit_findings_open on audit_findings (kind, subject) where until is null;
create index audit_findings_by_time on audit_findings (since);

-- What has a leaf of its own already: certificates of authorities, by SHA-256.
create table audit_certificates (
    fingerprint text primary key,
    at          integer not null
) strict;
