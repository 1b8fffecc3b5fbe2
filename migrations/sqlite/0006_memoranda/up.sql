-- A memorandum signed on paper: who attests it, when it arrived and how.
ALTER TABLE memoranda ADD COLUMN attested_by BLOB REFERENCES operators (id);
ALTER TABLE memoranda ADD COLUMN received_on TEXT;
ALTER TABLE memoranda ADD COLUMN received_by TEXT CHECK (received_by IN ('hand', 'post', 'courier'));
CREATE INDEX memoranda_file ON memoranda (file_digest);

-- Every file that is kept or about to be. The row is there before the file and goes after it.
CREATE TABLE files (
    digest     BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
    touched_at TEXT NOT NULL
) STRICT;
CREATE INDEX files_age ON files (touched_at);
INSERT INTO files SELECT file_digest, max(signed_at) FROM memoranda WHERE file_digest IS NOT NULL GROUP BY file_digest;
