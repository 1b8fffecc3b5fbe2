-- What a mirror follows, by which keys, and whether it found a contradiction. A registry of its own has no row here.
CREATE TABLE mirror (
    id           INTEGER PRIMARY KEY NOT NULL CHECK (id = 0),
    source       TEXT NOT NULL,
    policy       TEXT NOT NULL,
    first_use    INTEGER NOT NULL CHECK (first_use IN (0, 1)),
    pinned_at    TEXT NOT NULL,
    target       TEXT,
    contradicted TEXT,
    evidence     TEXT
) STRICT;
