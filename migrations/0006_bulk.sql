-- Chunks are compressed and encrypted: PostgreSQL would try in vain to compress each once more.
alter table raw_chunk alter column bytes set storage external;
