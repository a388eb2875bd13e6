-- Long-running requests: bulk exports and imports. What was asked for and how far it is may name patients, so it is a
-- sealed blob of nobody; this table only finds it.
--   document  digest of that blob, under which the blob store keeps it
--   lease     until when a server process works on it, epoch milliseconds; over: another may take it up
--   expires   when the job and its files are forgotten, epoch milliseconds
CREATE TABLE job (
  id       uuid PRIMARY KEY,
  kind     text NOT NULL CHECK (kind IN ('export', 'import')),
  state    text NOT NULL CHECK (state IN ('accepted', 'running', 'completed', 'failed', 'cancelled')),
  document text NOT NULL,
  lease    int8 NOT NULL,
  created  int8 NOT NULL,
  expires  int8 NOT NULL
);
CREATE INDEX job_by_state ON job (state, created);
