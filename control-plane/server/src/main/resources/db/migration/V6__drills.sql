-- One row a drill that was run on the mesh, as its runner reported it; who that was is of the connection, never of the report.
create table drills (
    id         integer primary key,
    kind       text    not null,
    run_by     text    not null,
    started_at integer not null,
    ended_at   integer not null,
    requests   integer not null,
    failed     integer not null,
    p50_micros integer,
    p99_micros integer,
    passed     integer not null,
    detail     text    not null
) strict;
