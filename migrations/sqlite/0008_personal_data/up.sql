-- Persons are erased: when, and what keeps the audit's digests from telling what was.
ALTER TABLE applications ADD COLUMN erased_at TEXT;
-- It goes into every digest of the application, and goes with the persons: afterwards no guess can be tried.
ALTER TABLE applications ADD COLUMN salt BLOB CHECK (salt IS NULL OR length(salt) = 32);
UPDATE applications SET salt = randomblob(32);
CREATE INDEX applications_kept ON applications (state, updated_at, id) WHERE erased_at IS NULL;

-- The database's files are rewritten after an erasure: when it was asked for last, and up to when it is done.
CREATE TABLE purge (
    id       INTEGER PRIMARY KEY NOT NULL CHECK (id = 0),
    asked_at TEXT NOT NULL,
    done_at  TEXT
) STRICT;
