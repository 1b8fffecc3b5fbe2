-- The registry on SQLite. Instants are RFC 3339 text with microseconds, UUIDs 16-byte blobs,
-- what is signed or hashed stays a blob of its exact bytes.

CREATE TABLE charters (
    slug        TEXT PRIMARY KEY NOT NULL,
    version     INTEGER NOT NULL CHECK (version >= 1),
    last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE charter_versions (
    charter      TEXT NOT NULL REFERENCES charters (slug),
    version      INTEGER NOT NULL CHECK (version >= 1),
    document     BLOB NOT NULL,
    digest       BLOB NOT NULL CHECK (length(digest) = 32),
    log_index    INTEGER NOT NULL,
    published_at TEXT NOT NULL,
    PRIMARY KEY (charter, version)
) STRICT;

CREATE TABLE partners (
    id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE TABLE operators (
    id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('auditor', 'clerk', 'registrar', 'administrator')),
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('operator', 'partner', 'applicant')),
    owner        BLOB NOT NULL CHECK (length(owner) = 16),
    hash         BLOB NOT NULL CHECK (length(hash) = 32),
    created_at   TEXT NOT NULL,
    expires_at   TEXT,
    revoked_at   TEXT,
    last_used_at TEXT
) STRICT;
CREATE INDEX tokens_owner ON tokens (owner);

CREATE TABLE applications (
    id              BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    charter         TEXT NOT NULL,
    charter_version INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('received', 'confirmed', 'memorandum_issued', 'memorandum_signed', 'returned', 'accepted', 'rejected', 'withdrawn', 'lapsed')),
    channel         TEXT NOT NULL CHECK (channel IN ('partner', 'website', 'letter', 'email', 'oral', 'import')),
    origin          TEXT NOT NULL CHECK (origin IN ('own_initiative', 'invited', 'member_referral', 'regional_campaign')),
    partner         BLOB REFERENCES partners (id),
    language        TEXT NOT NULL,
    organisation    TEXT NOT NULL CHECK (json_valid(organisation)),
    outcome         TEXT CHECK (outcome IS NULL OR json_valid(outcome)),
    membership      BLOB,
    revision        INTEGER NOT NULL,
    received_at     TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    FOREIGN KEY (charter, charter_version) REFERENCES charter_versions (charter, version)
) STRICT;
CREATE INDEX applications_queue ON applications (received_at, id);
CREATE INDEX applications_partner ON applications (partner, received_at, id);

-- Personal data, and nothing else: erased without touching anything public.
CREATE TABLE contacts (
    application BLOB PRIMARY KEY NOT NULL REFERENCES applications (id),
    name        TEXT NOT NULL,
    position    TEXT NOT NULL,
    email       TEXT NOT NULL,
    phone       TEXT
) STRICT;

CREATE TABLE memoranda (
    application BLOB PRIMARY KEY NOT NULL REFERENCES applications (id),
    language    TEXT NOT NULL,
    body        BLOB NOT NULL,
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    salt        BLOB NOT NULL CHECK (length(salt) = 32),
    issued_at   TEXT NOT NULL,
    form        TEXT CHECK (form IN ('handwritten_scan', 'ed25519', 'enclosed_signature', 'paper')),
    signed_on   TEXT,
    signed_at   TEXT,
    evidence    BLOB CHECK (length(evidence) = 32),
    file_digest BLOB CHECK (length(file_digest) = 32),
    file_type   TEXT,
    public_key  TEXT,
    signature   BLOB CHECK (length(signature) = 64)
) STRICT;

CREATE TABLE memberships (
    id              BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    charter         TEXT NOT NULL,
    charter_version INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    founder         INTEGER NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'excluded', 'withdrawn')),
    organisation    TEXT NOT NULL CHECK (json_valid(organisation)),
    memorandum      TEXT NOT NULL CHECK (json_valid(memorandum)),
    sort_name       TEXT NOT NULL,
    category        TEXT NOT NULL,
    country         TEXT,
    region          TEXT,
    since           TEXT NOT NULL,
    record          BLOB NOT NULL,
    log_index       INTEGER NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE (charter, number),
    FOREIGN KEY (charter, charter_version) REFERENCES charter_versions (charter, version)
) STRICT;
CREATE INDEX memberships_name ON memberships (charter, sort_name, number);
CREATE INDEX memberships_since ON memberships (charter, since, number);

-- Who holds a key of a membership (`domain:…`, `<SCHEME>:…`). Nothing ever leaves this table.
CREATE TABLE claims (
    charter TEXT NOT NULL,
    claim   TEXT NOT NULL,
    member  BLOB REFERENCES memberships (id),
    PRIMARY KEY (charter, claim)
) STRICT;
CREATE INDEX claims_member ON claims (member);

CREATE TABLE member_terms (
    member BLOB NOT NULL REFERENCES memberships (id),
    term   TEXT NOT NULL,
    PRIMARY KEY (term, member)
) STRICT;
CREATE INDEX member_terms_member ON member_terms (member);

CREATE TABLE records (
    id        BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    charter   TEXT NOT NULL,
    member    BLOB NOT NULL,
    log_index INTEGER NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    status    TEXT NOT NULL,
    digest    BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    document  BLOB NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE INDEX records_member ON records (member, log_index);

CREATE TABLE decisions (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    kind           TEXT NOT NULL CHECK (kind IN ('admission', 'exclusion')),
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
CREATE UNIQUE INDEX decisions_one_open_per_application ON decisions (application) WHERE state = 'proposed';
CREATE UNIQUE INDEX decisions_one_open_per_membership ON decisions (membership) WHERE state = 'proposed';
CREATE INDEX decisions_queue ON decisions (proposed_at, id);

CREATE TABLE log_head (
    id      INTEGER PRIMARY KEY NOT NULL CHECK (id = 0),
    size    INTEGER NOT NULL,
    last_at TEXT
) STRICT;
INSERT INTO log_head VALUES (0, 0, NULL);

CREATE TABLE log_entries (
    leaf_index INTEGER PRIMARY KEY NOT NULL,
    body       BLOB NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    purpose    TEXT NOT NULL CHECK (purpose IN ('record', 'log', 'clock')),
    from_index INTEGER NOT NULL,
    to_index   INTEGER,
    public_key TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (purpose, from_index)
) STRICT;

-- Answers to requests with an Idempotency-Key, sealed with a key that only the request holds.
CREATE TABLE idempotent_requests (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
    answer         BLOB,
    created_at     TEXT NOT NULL
) STRICT;
CREATE INDEX idempotent_requests_age ON idempotent_requests (created_at);
