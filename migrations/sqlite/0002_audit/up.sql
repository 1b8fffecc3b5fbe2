-- Who did what when: a chain of hashes, one row for each change and each look at personal data.
CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY NOT NULL CHECK (seq >= 0),
    at           TEXT NOT NULL,
    actor_kind   TEXT NOT NULL,
    actor        BLOB CHECK (actor IS NULL OR length(actor) = 16),
    role         TEXT,
    action       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT,
    request      TEXT,
    before       BLOB CHECK (before IS NULL OR length(before) = 32),
    after        BLOB CHECK (after IS NULL OR length(after) = 32),
    previous     BLOB NOT NULL UNIQUE CHECK (length(previous) = 32),
    hash         BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_subject ON audit (subject, seq);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_action ON audit (action, seq);

-- The chain's end: how many rows there are, and the last one's hash.
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY NOT NULL CHECK (id = 0),
    size INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_head VALUES (0, 0, zeroblob(32));
