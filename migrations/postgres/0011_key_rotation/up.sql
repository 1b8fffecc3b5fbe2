-- When a key ceased to sign, and when it was known that others may have it.
ALTER TABLE signing_keys ADD COLUMN retired_at TIMESTAMPTZ;
ALTER TABLE signing_keys ADD COLUMN compromised_at TIMESTAMPTZ;

-- The keys that will sign, one at most for each purpose: published before their first use.
CREATE TABLE announced_keys (
    purpose      TEXT PRIMARY KEY NOT NULL CHECK (purpose IN ('record', 'log', 'clock')),
    public_key   TEXT NOT NULL UNIQUE,
    announced_at TIMESTAMPTZ NOT NULL
);
