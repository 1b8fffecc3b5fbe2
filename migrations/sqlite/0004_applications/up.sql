-- Applications, complete: terms and due dates, confirmation of contacts, comments, and what a newcomer is matched with.

ALTER TABLE applications ADD COLUMN entered TEXT CHECK (entered IS NULL OR json_valid(entered));
ALTER TABLE applications ADD COLUMN referral TEXT CHECK (referral IS NULL OR json_valid(referral));
ALTER TABLE applications ADD COLUMN confirmation TEXT CHECK (confirmation IS NULL OR json_valid(confirmation));
ALTER TABLE applications ADD COLUMN returned TEXT CHECK (returned IS NULL OR json_valid(returned));
ALTER TABLE applications ADD COLUMN matches TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(matches));
ALTER TABLE applications ADD COLUMN acknowledged TEXT CHECK (acknowledged IS NULL OR json_valid(acknowledged));
ALTER TABLE applications ADD COLUMN earlier_state TEXT CHECK (earlier_state IN ('received', 'confirmed', 'memorandum_issued', 'memorandum_signed', 'returned'));
ALTER TABLE applications ADD COLUMN lapses_at TEXT;
ALTER TABLE applications ADD COLUMN assignee BLOB REFERENCES operators (id);
ALTER TABLE applications ADD COLUMN due_on TEXT;
CREATE INDEX applications_term ON applications (lapses_at, id) WHERE lapses_at IS NOT NULL;
CREATE INDEX applications_due ON applications (due_on, id) WHERE due_on IS NOT NULL;

-- The hashes of tokens in letters that ask a contact person to confirm the address.
CREATE TABLE contact_confirmations (
    application BLOB NOT NULL REFERENCES applications (id),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    expires_at  TEXT NOT NULL,
    used_at     TEXT,
    PRIMARY KEY (application, hash)
) STRICT;

-- What the secretariat notes about an application. The text goes when it is erased, the fact that it stood there stays.
CREATE TABLE application_comments (
    id          BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    application BLOB NOT NULL REFERENCES applications (id),
    author      BLOB NOT NULL REFERENCES operators (id),
    visibility  TEXT NOT NULL CHECK (visibility IN ('internal', 'applicant')),
    body        TEXT,
    written_at  TEXT NOT NULL
) STRICT;
CREATE INDEX application_comments_place ON application_comments (application, written_at, id);

-- Every key and every name that a member holds or ever held. Nothing ever leaves this table.
CREATE TABLE member_traces (
    charter TEXT NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('key', 'value', 'host', 'name', 'sound', 'look')),
    value   TEXT NOT NULL,
    member  BLOB NOT NULL REFERENCES memberships (id),
    PRIMARY KEY (charter, kind, value, member)
) STRICT;
CREATE INDEX member_traces_member ON member_traces (member);
INSERT INTO member_traces (charter, kind, value, member)
    SELECT charter, 'key', claim, member FROM claims WHERE member IS NOT NULL;
