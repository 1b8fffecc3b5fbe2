-- What a mirror follows, by which keys, and whether it found a contradiction. A registry of its own has no row here.
CREATE TABLE mirror (
    id           SMALLINT PRIMARY KEY NOT NULL CHECK (id = 0),
    source       TEXT NOT NULL,
    policy       TEXT NOT NULL,
    first_use    BOOLEAN NOT NULL,
    pinned_at    TIMESTAMPTZ NOT NULL,
    target       TEXT,
    contradicted TEXT,
    evidence     TEXT
);
