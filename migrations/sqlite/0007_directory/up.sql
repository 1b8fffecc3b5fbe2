-- Lists, lookups and searches are answered by the directory, which follows the log's indices.

CREATE INDEX memberships_log ON memberships (log_index);
DROP TABLE member_terms;
DROP INDEX IF EXISTS memberships_name;
DROP INDEX IF EXISTS memberships_since;
ALTER TABLE memberships DROP COLUMN sort_name;
ALTER TABLE memberships DROP COLUMN category;
ALTER TABLE memberships DROP COLUMN country;
ALTER TABLE memberships DROP COLUMN region;
