-- Sensitivity labels of the current version, one bit each (src/labels.ts): so that a search leaves out what the asking
-- party may not see without opening it.
ALTER TABLE resource ADD COLUMN labels int4 NOT NULL DEFAULT 0;
