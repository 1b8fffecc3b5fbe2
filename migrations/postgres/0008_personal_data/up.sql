-- Persons are erased: when, and what keeps the audit's digests from telling what was.
ALTER TABLE applications ADD COLUMN erased_at TIMESTAMPTZ;
-- It goes into every digest of the application, and goes with the persons: afterwards no guess can be tried.
ALTER TABLE applications ADD COLUMN salt BYTEA CHECK (length(salt) = 32);
UPDATE applications SET salt = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
CREATE INDEX applications_kept ON applications (state, updated_at, id) WHERE erased_at IS NULL;

-- The database's files are rewritten after an erasure: when it was asked for last, and up to when it is done.
CREATE TABLE purge (
    id       SMALLINT PRIMARY KEY CHECK (id = 0),
    asked_at TIMESTAMPTZ NOT NULL,
    done_at  TIMESTAMPTZ
);

-- ANALYZE copies values into the planner's statistics, where no DELETE reaches them. A column that is given its type
-- anew loses those it has.
ALTER TABLE contacts
    ALTER COLUMN name TYPE TEXT,
    ALTER COLUMN position TYPE TEXT,
    ALTER COLUMN email TYPE TEXT,
    ALTER COLUMN phone TYPE TEXT;
ALTER TABLE contacts
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN position SET STATISTICS 0,
    ALTER COLUMN email SET STATISTICS 0,
    ALTER COLUMN phone SET STATISTICS 0;
ALTER TABLE memoranda
    ALTER COLUMN body TYPE BYTEA,
    ALTER COLUMN salt TYPE BYTEA;
ALTER TABLE memoranda
    ALTER COLUMN body SET STATISTICS 0,
    ALTER COLUMN salt SET STATISTICS 0;
ALTER TABLE application_comments ALTER COLUMN body TYPE TEXT;
ALTER TABLE application_comments ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE letters ALTER COLUMN arguments TYPE JSONB;
ALTER TABLE letters ALTER COLUMN arguments SET STATISTICS 0;
ALTER TABLE applications
    ALTER COLUMN entered TYPE JSONB,
    ALTER COLUMN outcome TYPE JSONB,
    ALTER COLUMN confirmation TYPE JSONB,
    ALTER COLUMN returned TYPE JSONB,
    ALTER COLUMN acknowledged TYPE JSONB;
ALTER TABLE applications
    ALTER COLUMN entered SET STATISTICS 0,
    ALTER COLUMN outcome SET STATISTICS 0,
    ALTER COLUMN confirmation SET STATISTICS 0,
    ALTER COLUMN returned SET STATISTICS 0,
    ALTER COLUMN acknowledged SET STATISTICS 0,
    ALTER COLUMN salt SET STATISTICS 0;
