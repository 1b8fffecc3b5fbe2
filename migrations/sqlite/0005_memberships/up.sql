-- Memberships, complete: the kinds of decisions about them, terms of suspensions, mergers, and who stands aside.

-- SQLite cannot change a CHECK: the table is made anew.
CREATE TABLE decisions_anew (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    kind           TEXT NOT NULL CHECK (kind IN ('admission', 'exclusion', 'suspension', 'reinstatement', 'readmission', 'claim_reassignment', 'merger')),
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

ALTER TABLE memberships ADD COLUMN suspended_until TEXT;
ALTER TABLE memberships ADD COLUMN urgent_by BLOB;
ALTER TABLE memberships ADD COLUMN urgent_ended_at TEXT;
ALTER TABLE memberships ADD COLUMN merged_into BLOB;
CREATE INDEX memberships_term ON memberships (suspended_until) WHERE suspended_until IS NOT NULL;

-- The other member whom an event concerned: the one it merged with, or the former holder of its keys.
ALTER TABLE records ADD COLUMN other BLOB;

-- What a registrar stands aside from.
CREATE TABLE recusals (
    id          BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    operator    BLOB NOT NULL REFERENCES operators (id),
    application BLOB REFERENCES applications (id),
    membership  BLOB REFERENCES memberships (id),
    at          TEXT NOT NULL,
    CHECK ((application IS NULL) <> (membership IS NULL))
) STRICT;
CREATE INDEX recusals_operator ON recusals (operator);
