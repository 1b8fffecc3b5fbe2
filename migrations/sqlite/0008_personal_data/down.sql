DROP TABLE purge;
DROP INDEX applications_kept;
ALTER TABLE applications DROP COLUMN salt;
ALTER TABLE applications DROP COLUMN erased_at;
