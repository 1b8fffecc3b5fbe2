DROP TABLE files;
DROP INDEX memoranda_file;
ALTER TABLE memoranda DROP COLUMN received_by;
ALTER TABLE memoranda DROP COLUMN received_on;
ALTER TABLE memoranda DROP COLUMN attested_by;
