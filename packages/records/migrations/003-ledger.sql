-- The transparency log (DESIGN §5). Nothing here can be read without the keys: events stay sealed as they were in the
-- outbox, leaves are salted commitments, hashes are hashes. Who writes what, and why a crash at any point leaves a log
-- without gap, fork or double entry, is written in src/ledger/sequence-batch.ts.

-- Number of leaves: one row. Appending compares and swaps it, so two appends to one size cannot both be committed.
CREATE TABLE ledger_state (
  only_row bool PRIMARY KEY DEFAULT true CHECK (only_row),
  size     int8 NOT NULL
);
INSERT INTO ledger_state (size) VALUES (0);

-- The log as C2SP tlog-tiles has it, one growing row for each level and index. Level 0 holds the entry bundle, of which
-- the hashes of that level are a function; levels from 1 on hold the hashes.
CREATE TABLE ledger_tile (
  idx     int8  NOT NULL,
  level   int2  NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (level, idx)
);
-- Random bytes do not compress, and uncompressed ones can be read in part.
ALTER TABLE ledger_tile ALTER content SET STORAGE EXTERNAL;

-- One event of the log.
--   sequence  its place among the events of the patient, from 0
--   leaf      its place in the log, from 0
--   event, rid, version, bucket, kind, sealed: as they were in ledger_outbox
--   replaced  the event could not be opened when it was logged; the leaf commits to the sealed bytes
CREATE TABLE ledger_event (
  patient  int8  NOT NULL,
  sequence int8  NOT NULL,
  leaf     int8  NOT NULL,
  event    int8  NOT NULL,
  rid      int8,
  version  int4,
  bucket   int4  NOT NULL,
  kind     int2  NOT NULL,
  replaced bool  NOT NULL,
  sealed   bytea NOT NULL,
  PRIMARY KEY (patient, sequence)
);
ALTER TABLE ledger_event ALTER sealed SET STORAGE EXTERNAL;
CREATE INDEX ledger_event_by_number ON ledger_event (event);
CREATE INDEX ledger_event_by_resource ON ledger_event (rid) WHERE rid IS NOT NULL;
-- Rows lie in the order of their leaves, so a range of leaves is a range of pages.
CREATE INDEX ledger_event_by_leaf ON ledger_event USING brin (leaf) WITH (pages_per_range = 32, autosummarize = on);

-- The end of each patient's chain: how many events, and the leaf hash of the last.
CREATE TABLE ledger_subject (
  patient int8  PRIMARY KEY,
  events  int8  NOT NULL,
  last    bytea NOT NULL
) WITH (fillfactor = 60);

-- Checkpoints as signed notes: `signed`, the newest one; `witnessed`, the newest one that enough witnesses cosigned.
-- Older ones follow from the tiles and are not kept.
CREATE TABLE ledger_checkpoint (
  slot text PRIMARY KEY CHECK (slot IN ('signed', 'witnessed')),
  note text NOT NULL
);
ALTER TABLE ledger_checkpoint ALTER note SET STORAGE EXTERNAL;

-- Heads of the log that a chain holds.
--   mac  keyed hash of the row: what only the chain could refute is not changed unnoticed while the chain is away
CREATE TABLE ledger_anchor (
  size        int8  PRIMARY KEY,
  chain_id    int8  NOT NULL,
  block       int8  NOT NULL,
  root        bytea NOT NULL,
  contract    bytea NOT NULL,
  transaction bytea NOT NULL,
  mac         bytea NOT NULL
);

-- What this installation cosigned, as a witness, for the logs of others.
CREATE TABLE witness_record (
  origin text  PRIMARY KEY,
  size   int8  NOT NULL,
  root   bytea NOT NULL,
  note   text  NOT NULL
);
