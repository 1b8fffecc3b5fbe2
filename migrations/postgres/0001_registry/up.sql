-- The registry on PostgreSQL. What is signed or hashed stays the exact bytes, never JSONB; text that is
-- sorted or matched by prefix has the "C" collation, which is SQLite's.

CREATE TABLE charters (
    slug        TEXT PRIMARY KEY,
    version     INTEGER NOT NULL CHECK (version >= 1),
    last_number BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE charter_versions (
    charter      TEXT NOT NULL REFERENCES charters (slug),
    version      INTEGER NOT NULL CHECK (version >= 1),
    document     BYTEA NOT NULL,
    digest       BYTEA NOT NULL CHECK (length(digest) = 32),
    log_index    BIGINT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (charter, version)
);

CREATE TABLE partners (
    id         UUID PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE operators (
    id         UUID PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('auditor', 'clerk', 'registrar', 'administrator')),
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('operator', 'partner', 'applicant')),
    owner        UUID NOT NULL,
    hash         BYTEA NOT NULL CHECK (length(hash) = 32),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX tokens_owner ON tokens (owner);

CREATE TABLE applications (
    id              UUID PRIMARY KEY,
    charter         TEXT NOT NULL,
    charter_version INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('received', 'confirmed', 'memorandum_issued', 'memorandum_signed', 'returned', 'accepted', 'rejected', 'withdrawn', 'lapsed')),
    channel         TEXT NOT NULL CHECK (channel IN ('partner', 'website', 'letter', 'email', 'oral', 'import')),
    origin          TEXT NOT NULL CHECK (origin IN ('own_initiative', 'invited', 'member_referral', 'regional_campaign')),
    partner         UUID REFERENCES partners (id),
    language        TEXT NOT NULL,
    organisation    JSONB NOT NULL,
    outcome         JSONB,
    membership      UUID,
    revision        BIGINT NOT NULL,
    received_at     TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (charter, charter_version) REFERENCES charter_versions (charter, version)
);
CREATE INDEX applications_queue ON applications (received_at, id);
CREATE INDEX applications_partner ON applications (partner, received_at, id);

-- Personal data, and nothing else: erased without touching anything public.
CREATE TABLE contacts (
    application UUID PRIMARY KEY REFERENCES applications (id),
    name        TEXT NOT NULL,
    position    TEXT NOT NULL,
    email       TEXT NOT NULL,
    phone       TEXT
);

CREATE TABLE memoranda (
    application UUID PRIMARY KEY REFERENCES applications (id),
    language    TEXT NOT NULL,
    body        BYTEA NOT NULL,
    digest      BYTEA NOT NULL CHECK (length(digest) = 32),
    salt        BYTEA NOT NULL CHECK (length(salt) = 32),
    issued_at   TIMESTAMPTZ NOT NULL,
    form        TEXT CHECK (form IN ('handwritten_scan', 'ed25519', 'enclosed_signature', 'paper')),
    signed_on   DATE,
    signed_at   TIMESTAMPTZ,
    evidence    BYTEA CHECK (length(evidence) = 32),
    file_digest BYTEA CHECK (length(file_digest) = 32),
    file_type   TEXT,
    public_key  TEXT,
    signature   BYTEA CHECK (length(signature) = 64)
);

CREATE TABLE memberships (
    id              UUID PRIMARY KEY,
    charter         TEXT NOT NULL,
    charter_version INTEGER NOT NULL,
    number          BIGINT NOT NULL,
    founder         BOOLEAN NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'excluded', 'withdrawn')),
    organisation    JSONB NOT NULL,
    memorandum      JSONB NOT NULL,
    sort_name       TEXT COLLATE "C" NOT NULL,
    category        TEXT NOT NULL,
    country         TEXT,
    region          TEXT,
    since           DATE NOT NULL,
    record          UUID NOT NULL,
    log_index       BIGINT NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (charter, number),
    FOREIGN KEY (charter, charter_version) REFERENCES charter_versions (charter, version)
);
CREATE INDEX memberships_name ON memberships (charter, sort_name, number);
CREATE INDEX memberships_since ON memberships (charter, since, number);

-- Who holds a key of a membership (`domain:…`, `<SCHEME>:…`). Nothing ever leaves this table.
CREATE TABLE claims (
    charter TEXT NOT NULL,
    claim   TEXT NOT NULL,
    member  UUID REFERENCES memberships (id),
    PRIMARY KEY (charter, claim)
);
CREATE INDEX claims_member ON claims (member);

CREATE TABLE member_terms (
    member UUID NOT NULL REFERENCES memberships (id),
    term   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (term, member)
);
CREATE INDEX member_terms_member ON member_terms (member);

CREATE TABLE records (
    id        UUID PRIMARY KEY,
    charter   TEXT NOT NULL,
    member    UUID NOT NULL,
    log_index BIGINT NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    status    TEXT NOT NULL,
    digest    BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
    document  BYTEA NOT NULL,
    at        TIMESTAMPTZ NOT NULL
);
CREATE INDEX records_member ON records (member, log_index);

CREATE TABLE decisions (
    id             UUID PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('admission', 'exclusion')),
    charter        TEXT NOT NULL,
    application    UUID REFERENCES applications (id),
    membership     UUID REFERENCES memberships (id),
    content        JSONB NOT NULL,
    digest         BYTEA NOT NULL CHECK (length(digest) = 32),
    subject_digest BYTEA NOT NULL CHECK (length(subject_digest) = 32),
    state          TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'declined')),
    proposer       UUID NOT NULL REFERENCES operators (id),
    proposed_at    TIMESTAMPTZ NOT NULL,
    decider        UUID REFERENCES operators (id),
    decided_at     TIMESTAMPTZ,
    record         UUID,
    CHECK ((application IS NULL) <> (membership IS NULL)),
    CHECK (state <> 'approved' OR (decider IS NOT NULL AND decider <> proposer))
);
CREATE UNIQUE INDEX decisions_one_open_per_application ON decisions (application) WHERE state = 'proposed';
CREATE UNIQUE INDEX decisions_one_open_per_membership ON decisions (membership) WHERE state = 'proposed';
CREATE INDEX decisions_queue ON decisions (proposed_at, id);

CREATE TABLE log_head (
    id      SMALLINT PRIMARY KEY CHECK (id = 0),
    size    BIGINT NOT NULL,
    last_at TIMESTAMPTZ
);
INSERT INTO log_head VALUES (0, 0, NULL);

CREATE TABLE log_entries (
    leaf_index BIGINT PRIMARY KEY,
    body       BYTEA NOT NULL
);

CREATE TABLE signing_keys (
    purpose    TEXT NOT NULL CHECK (purpose IN ('record', 'log', 'clock')),
    from_index BIGINT NOT NULL,
    to_index   BIGINT,
    public_key TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (purpose, from_index)
);

-- Answers to requests with an Idempotency-Key, sealed with a key that only the request holds.
CREATE TABLE idempotent_requests (
    id             BYTEA PRIMARY KEY CHECK (length(id) = 32),
    request_digest BYTEA NOT NULL CHECK (length(request_digest) = 32),
    answer         BYTEA,
    created_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX idempotent_requests_age ON idempotent_requests (created_at);
