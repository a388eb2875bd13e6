-- The record store (DESIGN §4). Every key of patient data begins with the patient's number, so that the tables can be
-- distributed by it. Nothing here is readable without the keys: bodies and events are sealed, identifiers, names and
-- codes appear only as keyed 64-bit tokens. The patient's number is itself the keyed token of `Patient/<id>`.

CREATE SCHEMA keys;

-- Secrets of the installation (index key, id key, cursor key), wrapped by an epoch key that lives with the root key.
CREATE TABLE keys.secret (
  name    text PRIMARY KEY,
  epoch   int4  NOT NULL,
  wrapped bytea NOT NULL
);

-- One random key a patient, wrapped by an epoch key. Number 0 stands for what belongs to nobody.
CREATE TABLE keys.patient (
  patient int8 PRIMARY KEY,
  epoch   int4  NOT NULL,
  wrapped bytea NOT NULL
);

-- One random key a patient, retention class and year, wrapped by the patient's key.
CREATE TABLE keys.bucket (
  patient int8 NOT NULL,
  bucket  int4 NOT NULL,
  wrapped bytea NOT NULL,
  PRIMARY KEY (patient, bucket)
);

-- The current version of every resource, with its index. Deleted resources keep a row (method D) without index.
-- Definitional and organisational resources, and whatever else belongs to no patient, stand under patient 0: together at
-- one place of every index, under a key of their own. Not a partition: PostgreSQL 18.4 crashes when an update through a
-- join meets a row that changed meanwhile and the table is partitioned (docs/decisions/0009-one-resource-table.md).
--   type      number of the resource type (src/types.ts)
--   bucket    class * 10000 + year of the key that seals the body
--   updated   meta.lastUpdated, epoch milliseconds
--   date_low  the type's principal date as [low, high), epoch milliseconds; low is -2^62 and high null where there is none
--   present   which index keys have a value, one bit each (src/tokens/present.ts)
--   tokens    keyed tokens of codes, strings, references and URIs; the first is that of the type's principal code, or 0
--             where the record has none or several
--   keys,     parallel arrays of quantities, numbers and further dates: which parameter and unit,
--   numbers   and the value
CREATE TABLE resource (
  patient   int8   NOT NULL,
  rid       int8   NOT NULL,
  updated   int8   NOT NULL,
  date_low  int8   NOT NULL,
  date_high int8,
  present   int8   NOT NULL,
  version   int4   NOT NULL,
  bucket    int4   NOT NULL,
  type      int2   NOT NULL,
  method    "char" NOT NULL,
  tokens    int8[] NOT NULL,
  keys      int8[],
  numbers   float8[],
  body      bytea  NOT NULL,
  PRIMARY KEY (patient, rid)
);

-- Patient-scoped search walks one patient's resources of one type, newest first.
CREATE INDEX resource_by_date ON resource (patient, type, date_low DESC);
-- The same for one code: a patient's results of one test.
CREATE INDEX resource_by_code ON resource (patient, type, (tokens[1]), date_low DESC);
-- Type-wide search, history and export walk one type by time of change.
CREATE INDEX resource_by_change ON resource (type, updated);
CREATE INDEX resource_by_token ON resource USING gin (tokens) WITH (fastupdate = off);

-- Superseded versions, for ever until purged.
CREATE TABLE resource_history (
  patient   int8   NOT NULL,
  rid       int8   NOT NULL,
  updated   int8   NOT NULL,
  version   int4   NOT NULL,
  bucket    int4   NOT NULL,
  type      int2   NOT NULL,
  method    "char" NOT NULL,
  body      bytea  NOT NULL,
  PRIMARY KEY (patient, rid, version)
);
CREATE INDEX resource_history_by_change ON resource_history (type, updated);

-- Whose record an id is in, for ids that do not say so themselves (chosen by clients).
CREATE TABLE locator (
  rid     int8 PRIMARY KEY,
  patient int8 NOT NULL
);

-- Other ways to a coded value: its code without the system, its system, words of its displays; from their keyed tokens to
-- the token of system and code, which alone stands in `resource.tokens`. For identifiers: from the token of the
-- parameter to the tokens of the systems that occur. It says nothing about any patient.
CREATE TABLE code_alias (
  alias int8 NOT NULL,
  token int8 NOT NULL,
  PRIMARY KEY (alias, token)
);

-- Events on their way into the ledger, written by the transaction that they are about.
--   event   random number, part of what the sealing authenticates
--   kind    see src/events/event.ts
--   rid,    what the event is about, where it is one resource version
--   version
CREATE TABLE ledger_outbox (
  seq     int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event   int8 NOT NULL,
  patient int8 NOT NULL,
  rid     int8,
  version int4,
  bucket  int4 NOT NULL,
  kind    int2 NOT NULL,
  sealed  bytea NOT NULL
);
