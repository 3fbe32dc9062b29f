create table record (
  kind text not null,
  id text not null,
  revision bigint not null,
  body text not null,
  primary key (kind, id)
);

create table change (
  revision bigint not null primary key,
  kind text not null,
  id text not null,
  op text not null
);
