-- Which quarantined record each line of a replayed file stood for: undoing an earlier run must know, to judge the line again.
-- The record goes by its raw hash, since the number of its item may change meanwhile.
create table replayed_record (
  file_id uuid not null references source_file on delete cascade deferrable initially deferred,
  line bigint not null,
  raw_hash text collate "C" not null,
  -- A clerk gave the text; else the latest one of the archive was read again.
  by_hand boolean not null,
  -- The clerk's file in which that latest text stood; null: the one of the record itself.
  given_file uuid,
  primary key (file_id, line)
);
