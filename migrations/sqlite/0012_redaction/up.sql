-- A record's document can be removed; its digest stays, and the index of the entry that says so. SQLite cannot drop a
-- NOT NULL or change a CHECK: both tables are made anew.
CREATE TABLE records_anew (
    id        BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    charter   TEXT NOT NULL,
    member    BLOB NOT NULL,
    log_index INTEGER NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    status    TEXT NOT NULL,
    digest    BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    document  BLOB,
    at        TEXT NOT NULL,
    other     BLOB,
    redacted  INTEGER,
    CHECK ((document IS NULL) = (redacted IS NOT NULL))
) STRICT;
INSERT INTO records_anew (id, charter, member, log_index, kind, status, digest, document, at, other)
    SELECT id, charter, member, log_index, kind, status, digest, document, at, other FROM records;
DROP TABLE records;
ALTER TABLE records_anew RENAME TO records;
CREATE INDEX records_member ON records (member, log_index);
CREATE INDEX records_redacted ON records (redacted) WHERE redacted IS NOT NULL;

CREATE TABLE decisions_anew (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    kind           TEXT NOT NULL CHECK (kind IN ('admission', 'exclusion', 'suspension', 'reinstatement', 'readmission', 'claim_reassignment', 'merger', 'redaction')),
    charter        TEXT NOT NULL,
    application    BLOB REFERENCES applications (id),
    membership     BLOB REFERENCES memberships (id),
    content        TEXT NOT NULL CHECK (json_valid(content)),
    digest         BLOB NOT NULL CHECK (length(digest) = 32),
    subject_digest BLOB NOT NULL CHECK (length(subject_digest) = 32),
    state          TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'declined')),
    proposer       BLOB NOT NULL REFERENCES operators (id),
    proposed_at    TEXT NOT NULL,
    decider        BLOB REFERENCES operators (id),
    decided_at     TEXT,
    record         BLOB,
    CHECK ((application IS NULL) <> (membership IS NULL)),
    CHECK (state <> 'approved' OR (decider IS NOT NULL AND decider <> proposer))
) STRICT;
INSERT INTO decisions_anew (id, kind, charter, application, membership, content, digest, subject_digest, state, proposer, proposed_at, decider, decided_at, record)
    SELECT id, kind, charter, application, membership, content, digest, subject_digest, state, proposer, proposed_at, decider, decided_at, record FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_anew RENAME TO decisions;
CREATE UNIQUE INDEX decisions_one_open_per_application ON decisions (application) WHERE state = 'proposed';
CREATE UNIQUE INDEX decisions_one_open_per_membership ON decisions (membership) WHERE state = 'proposed';
CREATE INDEX decisions_queue ON decisions (proposed_at, id);

-- Whether something public was among what was erased: then the public tables are rewritten, too.
ALTER TABLE purge ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0 CHECK (redacted IN (0, 1));
