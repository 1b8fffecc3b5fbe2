-- A closed status list was recovered: who else was given a place in it is not known, so every other place is revoked.
ALTER TABLE status_lists ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;
