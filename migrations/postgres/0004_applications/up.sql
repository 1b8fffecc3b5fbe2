-- Applications, complete: terms and due dates, confirmation of contacts, comments, and what a newcomer is matched with.

ALTER TABLE applications
    ADD COLUMN entered JSONB,
    ADD COLUMN referral JSONB,
    ADD COLUMN confirmation JSONB,
    ADD COLUMN returned JSONB,
    ADD COLUMN matches JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN acknowledged JSONB,
    ADD COLUMN earlier_state TEXT CHECK (earlier_state IN ('received', 'confirmed', 'memorandum_issued', 'memorandum_signed', 'returned')),
    ADD COLUMN lapses_at TIMESTAMPTZ,
    ADD COLUMN assignee UUID REFERENCES operators (id),
    ADD COLUMN due_on DATE;
CREATE INDEX applications_term ON applications (lapses_at, id) WHERE lapses_at IS NOT NULL;
CREATE INDEX applications_due ON applications (due_on, id) WHERE due_on IS NOT NULL;

-- The hashes of tokens in letters that ask a contact person to confirm the address.
CREATE TABLE contact_confirmations (
    application UUID NOT NULL REFERENCES applications (id),
    hash        BYTEA NOT NULL CHECK (length(hash) = 32),
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ,
    PRIMARY KEY (application, hash)
);

-- What the secretariat notes about an application. The text goes when it is erased, the fact that it stood there stays.
CREATE TABLE application_comments (
    id          UUID PRIMARY KEY,
    application UUID NOT NULL REFERENCES applications (id),
    author      UUID NOT NULL REFERENCES operators (id),
    visibility  TEXT NOT NULL CHECK (visibility IN ('internal', 'applicant')),
    body        TEXT,
    written_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX application_comments_place ON application_comments (application, written_at, id);

-- Every key and every name that a member holds or ever held. Nothing ever leaves this table.
CREATE TABLE member_traces (
    charter TEXT NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('key', 'value', 'host', 'name', 'sound', 'look')),
    value   TEXT COLLATE "C" NOT NULL,
    member  UUID NOT NULL REFERENCES memberships (id),
    PRIMARY KEY (charter, kind, value, member)
);
CREATE INDEX member_traces_member ON member_traces (member);
INSERT INTO member_traces (charter, kind, value, member)
    SELECT charter, 'key', claim, member FROM claims WHERE member IS NOT NULL;
