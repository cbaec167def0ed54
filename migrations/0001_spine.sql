-- The first tables (docs/reference/tables.md). Keys start with what a distributed PostgreSQL would distribute by;
-- no triggers; only SQL that PostgreSQL 15 knows; ordering keys use COLLATE "C" so that every machine sorts alike.

create table store_meta (
  key text collate "C" primary key,
  value text not null
);

create table facility (
  facility_id text collate "C" primary key,
  name text not null,
  ownership text check (ownership in ('delhi_govt', 'central', 'civic', 'private')),
  kind text check (kind in ('hospital', 'polyclinic', 'dispensary', 'mohalla_clinic')),
  state text not null default 'active' check (state in ('active', 'paused')),
  time_zone text not null default 'Asia/Kolkata',
  created_at timestamptz not null
);

-- An assigning authority is owned by one facility: only its owner may change, merge or end its numbers.
create table assigning_authority (
  authority text collate "C" primary key,
  facility_id text collate "C" not null references facility
);

create sequence fencing_token_seq;

-- One execution of a pipeline. pk(pipeline, slot): of many schedulers, one inserts a due slot.
create table pipeline_run (
  pipeline text collate "C" not null,
  slot text collate "C" not null,
  attempt int not null default 1,
  run_id text collate "C" not null unique,
  kind text not null check (kind in ('ingest', 'link', 'cards')),
  facility_id text collate "C",
  status text not null check (status in ('running', 'succeeded', 'unchanged', 'stale', 'gated', 'failed', 'cancelled')),
  fencing_token bigint not null,
  worker text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  files int not null default 0,
  read bigint not null default 0,
  loaded bigint not null default 0,
  unchanged bigint not null default 0,
  quarantined bigint not null default 0,
  layout_lines bigint not null default 0,
  landed_only jsonb not null default '{}',
  warnings jsonb not null default '{}',
  watermark jsonb,
  detail jsonb not null default '{}',
  primary key (pipeline, slot),
  constraint the_ledger_balances check (read = loaded + unchanged + quarantined)
);
-- Which runs were there lately? (history list)
create index pipeline_run_started on pipeline_run (started_at);

create table source_file (
  file_id uuid primary key,
  run_id text collate "C" not null,
  pipeline text collate "C" not null,
  facility_id text collate "C" not null,
  name text not null,
  sha256 text collate "C" not null,
  bytes bigint not null,
  modified_at timestamptz not null,
  encoding text not null,
  field_map_hash text collate "C" not null,
  -- The file's own data key, wrapped by the store key that store_key_id names.
  data_key bytea not null,
  store_key_id text collate "C" not null,
  read bigint not null,
  loaded bigint not null,
  unchanged bigint not null,
  quarantined bigint not null,
  header_lines bigint not null,
  blank_lines bigint not null,
  record_lines bigint not null,
  layout_lines jsonb not null,
  landed_only jsonb not null,
  warnings jsonb not null,
  columns jsonb,
  committed_at timestamptz not null,
  constraint the_file_ledger_balances check (read = loaded + unchanged + quarantined)
);
-- Is this content known to this pipeline already?
create index source_file_known on source_file (pipeline, sha256);
create index source_file_run on source_file (run_id);

-- The file as read (Aadhaar numbers masked), zstd, AES-256-GCM with (file_id, seq) authenticated.
create table raw_chunk (
  file_id uuid not null references source_file on delete cascade deferrable initially deferred,
  seq int not null,
  bytes bytea not null,
  primary key (file_id, seq)
);

create table quarantine (
  quarantine_id bigint generated always as identity primary key,
  pipeline text collate "C" not null,
  raw_hash text collate "C" not null,
  run_id text collate "C" not null,
  file_id uuid not null,
  file_name text not null,
  line bigint not null,
  byte_offset bigint not null,
  byte_length bigint not null,
  record_id bigint,
  problems jsonb not null,
  state text not null default 'open' check (state in ('open', 'closed', 'superseded')),
  ended_run text collate "C"
);
create unique index quarantine_open_once on quarantine (pipeline, raw_hash) where state = 'open';
-- Which open items does a later row with the same key supersede?
create index quarantine_open_record on quarantine (record_id) where state = 'open';

-- The current version of each source record.
create table patient_record (
  record_id bigint primary key,
  version int not null,
  facility_id text collate "C" not null,
  id_system text collate "C" not null,
  id_value text collate "C" not null,
  name text,
  name_local text,
  given_name text,
  middle_name text,
  family_name text,
  sex text check (sex in ('male', 'female', 'other')),
  birth_date date,
  birth_precision text check (birth_precision in ('day', 'month', 'year', 'estimated')),
  phones text[] not null default '{}',
  email text,
  relation_name text,
  relation_type text,
  address_line text,
  locality text,
  city text,
  district text,
  state text,
  postal_code text,
  blood_group text,
  deceased_at text,
  mother_mrn text,
  guardian_mrn text,
  seen_at text,
  identifiers jsonb not null default '[]',
  -- Hash of the facts that wrote this version, and whose map read them: `<pipeline>:<map hash>`, or `hl7:<version>`.
  facts_hash bytea not null,
  map_source text collate "C" not null,
  authority text not null check (authority in ('patient', 'event')),
  message_time timestamptz,
  file_id uuid not null,
  line bigint not null,
  run_id text collate "C" not null
);
-- Which record has this number, whoever gave it?
create index patient_record_value on patient_record (id_value);

-- Versions that are no longer current. `superseded`: once current; `history`: came late and never was.
create table patient_record_version (
  like patient_record including defaults,
  ended_run text collate "C" not null,
  reason text not null check (reason in ('superseded', 'history')),
  primary key (record_id, version)
);

-- Other identifiers of current source records.
create table identifier (
  record_id bigint not null,
  system text collate "C" not null,
  value text collate "C" not null,
  type text,
  primary key (record_id, system, value)
);
-- Which records carry this identifier?
create index identifier_value on identifier (value, system);

create table clinical_event (
  record_id bigint not null,
  event_id bigint not null,
  version int not null,
  facility_id text collate "C" not null,
  kind text collate "C" not null check (kind in ('encounter', 'observation', 'appointment', 'procedure', 'medication',
    'immunization', 'condition', 'allergy', 'report')),
  event_key text collate "C" not null,
  code text,
  code_system text,
  display text,
  at text collate "C",
  at_precision text,
  end_at text,
  status text,
  encounter_id text,
  performer text,
  note text,
  detail jsonb not null default '{}',
  content_hash bytea not null,
  message_time timestamptz,
  file_id uuid not null,
  line bigint not null,
  run_id text collate "C" not null,
  primary key (record_id, event_id)
);

create table clinical_event_version (
  like clinical_event including defaults,
  ended_run text collate "C" not null,
  reason text not null check (reason in ('superseded', 'history')),
  primary key (record_id, event_id, version)
);

create table match_model (
  model_id text collate "C" primary key,
  name text not null,
  body jsonb not null,
  created_at timestamptz not null
);

-- Links the model found; recomputed by every link run. lo < hi.
create table edge (
  lo bigint not null,
  hi bigint not null,
  weight double precision not null,
  pattern text not null,
  model_id text collate "C" not null references match_model,
  primary key (lo, hi)
);

-- What people and HL7 merges said of two records. Never deleted: revoked or dormant.
create table decision (
  decision_id uuid primary key,
  kind text not null check (kind in ('link', 'distinct')),
  lo bigint not null,
  hi bigint not null,
  source text not null check (source in ('human', 'hl7')),
  actor text not null,
  reason text,
  facility_id text collate "C",
  run_id text collate "C",
  file_id uuid,
  line bigint,
  state text not null default 'in_force' check (state in ('in_force', 'dormant', 'revoked')),
  made_at timestamptz not null
);
create unique index decision_hl7_once on decision (lo, hi, kind) where source = 'hl7' and state = 'in_force';

create table review (
  review_id uuid primary key,
  lo bigint not null,
  hi bigint not null,
  reason text not null,
  state text not null default 'open' check (state in ('open', 'decided', 'obsolete')),
  run_id text collate "C" not null
);
create unique index review_open_once on review (lo, hi) where state = 'open';

-- A human in the master patient index. A merge never deletes: merged_into points at the survivor, in one hop.
create table person (
  person_id uuid primary key,
  created_no bigint generated by default as identity unique,
  state text not null check (state in ('active', 'merged', 'retired')),
  merged_into uuid,
  created_run text collate "C" not null,
  changed_run text collate "C" not null,
  check ((state = 'merged') = (merged_into is not null))
);
create index person_merged_into on person (merged_into) where merged_into is not null;

create table person_member (
  record_id bigint not null,
  person_id uuid not null,
  since_run text collate "C" not null,
  until_run text collate "C",
  -- Version of the record that the person's golden values were last taken from.
  survived_version int not null default 0,
  primary key (record_id, since_run, person_id)
);
create unique index person_member_current on person_member (record_id) where until_run is null;
create index person_member_person on person_member (person_id) where until_run is null;

-- Every golden value knows the source record and the rule it came from.
create table golden_value (
  person_id uuid not null,
  field text collate "C" not null,
  value text not null,
  record_id bigint not null,
  rule text not null,
  primary key (person_id, field)
);
-- Who has this birth date, or this phone? No other field is searched by its golden value.
create index golden_value_birth_date on golden_value (value) where field = 'birthDate';
create index golden_value_phone on golden_value (value) where field = 'phone';

-- Whole lower-case tokens of every name a person's records carry.
create table person_name_token (
  token text collate "C" not null,
  person_id uuid not null,
  primary key (token, person_id)
);
create index person_name_token_person on person_name_token (person_id);

-- Never deleted or reused. `alias` resolves to the person it now belongs to.
create table health_id (
  health_id text collate "C" primary key,
  person_id uuid not null,
  state text not null check (state in ('current', 'alias', 'retired')),
  run_id text collate "C" not null
);
create index health_id_person on health_id (person_id);

create table card_key (
  kid smallint primary key,
  public_key bytea not null,
  not_before date not null,
  not_after date not null,
  status text not null check (status in ('published', 'withdrawn'))
);

create table card_batch (
  batch_id text collate "C" primary key,
  run_id text collate "C" not null,
  layout text not null,
  -- Where its files go, and the number of the first: a folder may hold several batches.
  out text not null,
  first_file int not null,
  state text not null check (state in ('making', 'made')),
  created_at timestamptz not null,
  cards bigint not null default 0,
  held jsonb not null default '{}',
  files jsonb not null default '[]'
);

create table card (
  serial bigint primary key,
  person_id uuid not null,
  health_id text collate "C" not null,
  issue int not null,
  state text not null check (state in ('active', 'superseded', 'suspended', 'lost', 'revoked')),
  kid smallint not null references card_key,
  token text not null,
  -- What is printed besides the token: a reprint shows what the first print showed.
  face jsonb not null,
  issued_on date not null,
  batch_id text collate "C" not null,
  seq int not null,
  file text,
  page int,
  unique (person_id, issue)
);
-- At most one active card a person, also with two issuers at once.
create unique index card_one_active on card (person_id) where state = 'active';
create index card_batch_seq on card (batch_id, seq);

create table card_scan (
  scan_id bigint generated always as identity primary key,
  serial bigint not null,
  at timestamptz not null,
  place text
);

create table api_key (
  key_id text collate "C" primary key,
  key_hash bytea not null unique,
  label text not null,
  scopes text[] not null,
  facility_id text collate "C",
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- Who read what, and why. Rows are appended freely and sealed into a hash chain by one sealer.
create table access_log (
  entry_id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  purpose text not null,
  action text not null,
  resource text not null,
  person_id uuid,
  outcome text not null,
  seal_no bigint
);
create index access_log_unsealed on access_log (entry_id) where seal_no is null;
create index access_log_person on access_log (person_id, at);

create table access_seal (
  seal_no bigint primary key,
  entries bigint not null,
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null
);

-- Never reused, whatever becomes of the rows: a seal that is missing leaves a gap.
create sequence access_seal_no;

-- The three things a reader may do besides reading. They run as the owner: nothing is looked up but in pg_catalog.
create function append_access(actor text, purpose text, action text, resource text, person_id uuid, outcome text)
returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.access_log (at, actor, purpose, action, resource, person_id, outcome)
  values (clock_timestamp(), append_access.actor, append_access.purpose, append_access.action, append_access.resource,
          append_access.person_id, append_access.outcome)
  returning entry_id
$$;

-- What a seal hashes of one entry.
create function access_entry_text(entry access_log)
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_array(entry.entry_id, extract(epoch from entry.at), entry.actor, entry.purpose, entry.action,
                           entry.resource, entry.person_id, entry.outcome)::text
$$;

-- Each seal hashes the previous seal and its own entries in order: a changed or missing entry breaks every later hash.
create function seal_access_log()
returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  next_no bigint;
  previous bytea;
  body text;
  entries bigint;
begin
  perform pg_advisory_xact_lock(7210, 1);
  if not exists (select from public.access_log l where l.seal_no is null) then
    return 0;
  end if;
  next_no := nextval('public.access_seal_no');
  select s.hash into previous from public.access_seal s order by s.seal_no desc limit 1;
  previous := coalesce(previous, '\x00');
  update public.access_log l set seal_no = next_no
  where l.entry_id in (select u.entry_id from public.access_log u where u.seal_no is null order by u.entry_id limit 10000);
  select count(*), string_agg(public.access_entry_text(l), E'\n' order by l.entry_id) into entries, body
  from public.access_log l where l.seal_no = next_no;
  insert into public.access_seal (seal_no, entries, previous_hash, hash, sealed_at)
  values (next_no, entries, previous, sha256(previous || convert_to(body, 'UTF8')), clock_timestamp());
  return 1;
end
$$;

create function note_card_scan(serial bigint, place text)
returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.card_scan (serial, at, place) values (note_card_scan.serial, clock_timestamp(), note_card_scan.place)
$$;

revoke all on function append_access, seal_access_log, note_card_scan from public;
