-- Status lists: which membership credentials were revoked or suspended before their time.

-- The lists of one number, one for each purpose, as they were signed: the exact bytes that are served.
CREATE TABLE status_lists (
    number      INTEGER PRIMARY KEY NOT NULL CHECK (number > 0),
    taken       INTEGER NOT NULL CHECK (taken >= 0),
    revocation  BLOB NOT NULL,
    suspension  BLOB NOT NULL,
    signed_by   TEXT NOT NULL,
    valid_until TEXT NOT NULL
) STRICT;

-- A membership's place in them. A revoked place stays so for good: who comes back gets another one.
CREATE TABLE status_places (
    list       INTEGER NOT NULL REFERENCES status_lists (number),
    position   INTEGER NOT NULL CHECK (position >= 0),
    member     BLOB NOT NULL CHECK (length(member) = 16),
    is_current INTEGER NOT NULL,
    revoked    INTEGER NOT NULL,
    suspended  INTEGER NOT NULL,
    PRIMARY KEY (list, position)
) STRICT;
CREATE UNIQUE INDEX status_places_current ON status_places (member) WHERE is_current;
CREATE INDEX status_places_revoked ON status_places (list, position) WHERE revoked;
CREATE INDEX status_places_suspended ON status_places (list, position) WHERE suspended;
