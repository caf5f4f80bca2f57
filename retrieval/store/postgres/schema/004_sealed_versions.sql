-- By which damage to an earlier version's packed text is noticed. Written by the server, for rows that are there, too.
ALTER TABLE quoth.versions ADD COLUMN digest bytea NOT NULL GENERATED ALWAYS AS (sha256(text)) STORED;
