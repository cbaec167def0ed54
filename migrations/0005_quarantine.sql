-- Where the mended text of a quarantined record stands, once a clerk has given one: the next export shows it, and a closed item
-- that has one stays closed when the hospital sends the same broken record again. Gone files are no reason to fail: no foreign key.
alter table quarantine
  add column mended_file uuid,
  add column mended_offset bigint,
  add column mended_length bigint,
  add constraint mended_all_or_nothing check (num_nulls(mended_file, mended_offset, mended_length) in (0, 3));
-- Has this broken record been mended by hand before?
create index quarantine_mended on quarantine (pipeline, raw_hash) where state = 'closed' and mended_file is not null;

-- Lines of the file, counted in its bytes and not by whoever read it; null for HL7, and for files of before.
alter table source_file
  add column lines bigint,
  add constraint every_line_is_accounted_for check (
    lines = header_lines + blank_lines + record_lines + jsonb_array_length(layout_lines));
