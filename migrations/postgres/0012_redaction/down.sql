ALTER TABLE member_traces ALTER COLUMN value SET STATISTICS -1;
ALTER TABLE applications
    ALTER COLUMN organisation SET STATISTICS -1,
    ALTER COLUMN matches SET STATISTICS -1;
ALTER TABLE memberships ALTER COLUMN organisation SET STATISTICS -1;
ALTER TABLE decisions ALTER COLUMN content SET STATISTICS -1;
ALTER TABLE records ALTER COLUMN document SET STATISTICS -1;
ALTER TABLE purge DROP COLUMN redacted;
DELETE FROM decisions WHERE kind = 'redaction';
ALTER TABLE decisions DROP CONSTRAINT decisions_kind_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_kind_check
    CHECK (kind IN ('admission', 'exclusion', 'suspension', 'reinstatement', 'readmission', 'claim_reassignment', 'merger'));
DROP INDEX records_redacted;
ALTER TABLE records DROP CONSTRAINT records_redacted_check;
ALTER TABLE records DROP COLUMN redacted;
UPDATE records SET document = '' WHERE document IS NULL;
ALTER TABLE records ALTER COLUMN document SET NOT NULL;
