-- Who did what when: a chain of hashes, one row for each change and each look at personal data.
CREATE TABLE audit (
    seq          BIGINT PRIMARY KEY CHECK (seq >= 0),
    at           TIMESTAMPTZ NOT NULL,
    actor_kind   TEXT NOT NULL,
    actor        UUID,
    role         TEXT,
    action       TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT,
    request      TEXT,
    before       BYTEA CHECK (length(before) = 32),
    after        BYTEA CHECK (length(after) = 32),
    previous     BYTEA NOT NULL UNIQUE CHECK (length(previous) = 32),
    hash         BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32)
);
CREATE INDEX audit_subject ON audit (subject, seq);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_action ON audit (action, seq);

-- The chain's end: how many rows there are, and the last one's hash.
CREATE TABLE audit_head (
    id   SMALLINT PRIMARY KEY CHECK (id = 0),
    size BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO audit_head VALUES (0, 0, decode(repeat('00', 32), 'hex'));
