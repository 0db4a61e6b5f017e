-- One row: the newest event, so that a chain whose end is missing shows. Ids go on from here, whatever became of the events.
create table certificate_event_head (
    id    integer primary key check (id = 1),
    event integer not null,
    hash  text    not null
) strict;

insert into certificate_event_head (id, event, hash) select 1, id, hash from certificate_events order by id desc limit 1;

-- Lists are newest first: they end after as many lines as they may have, and read no further.
create index certificates_by_issue on certificates (issued_at);
