-- Chunks are compressed and encrypted: PostgreSQL would try in vain to compress each once more.
alter table raw_chunk alter column bytes set storage external;

-- A twentieth of a night's rows change: with room left on their pages, the indexes need not hear of it.
alter table patient_record set (fillfactor = 92);
