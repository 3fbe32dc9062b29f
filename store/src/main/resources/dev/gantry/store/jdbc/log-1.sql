create table log_stream (
  number bigint not null primary key,
  id text not null unique,
  log_group text not null,
  next_sequence bigint not null,
  first_event_at bigint,
  last_event_at bigint,
  ingested_at bigint not null,
  bytes bigint not null,
  writer text,
  next_position bigint not null
);

create index log_stream_by_last_event on log_stream (log_group, last_event_at, id);

create table dropped_stream (
  number bigint not null primary key
);

create table log_event (
  stream bigint not null,
  at bigint not null,
  sequence bigint not null,
  ingested_at bigint not null,
  message text not null,
  primary key (stream, at, sequence)
) without rowid;
