-- A record's document can be removed; its digest stays, and the index of the entry that says so.
ALTER TABLE records ALTER COLUMN document DROP NOT NULL;
ALTER TABLE records ADD COLUMN redacted BIGINT;
ALTER TABLE records ADD CONSTRAINT records_redacted_check CHECK ((document IS NULL) = (redacted IS NOT NULL));
CREATE INDEX records_redacted ON records (redacted) WHERE redacted IS NOT NULL;

ALTER TABLE decisions DROP CONSTRAINT decisions_kind_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_kind_check
    CHECK (kind IN ('admission', 'exclusion', 'suspension', 'reinstatement', 'readmission', 'claim_reassignment', 'merger', 'redaction'));

-- Whether something public was among what was erased: then the public tables are rewritten, too.
ALTER TABLE purge ADD COLUMN redacted BOOLEAN NOT NULL DEFAULT FALSE;

-- What is redacted must not live on among the planner's most common values.
ALTER TABLE records ALTER COLUMN document TYPE BYTEA;
ALTER TABLE records ALTER COLUMN document SET STATISTICS 0;
ALTER TABLE decisions ALTER COLUMN content SET STATISTICS 0;
ALTER TABLE memberships ALTER COLUMN organisation SET STATISTICS 0;
ALTER TABLE applications
    ALTER COLUMN organisation SET STATISTICS 0,
    ALTER COLUMN matches SET STATISTICS 0;
ALTER TABLE member_traces ALTER COLUMN value SET STATISTICS 0;
