-- How far a pipeline has read a source that only grows (an SQL query). Advances in the transaction that commits the rows.
create table source_watermark (
  pipeline text collate "C" primary key,
  -- The last value read, as PostgreSQL's text of it.
  value text not null,
  run_id text collate "C" not null,
  read_at timestamptz not null
);

-- Was this file of a server committed before, with this size and date? Then it is not fetched again.
create index source_file_delivery on source_file (pipeline, name);
