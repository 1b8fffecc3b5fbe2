-- What this program cosigned last, of each log that it witnesses: never another root for a size, never a smaller size.
CREATE TABLE witnessed_logs (
    origin     TEXT PRIMARY KEY NOT NULL,
    size       INTEGER NOT NULL CHECK (size >= 0),
    root       BLOB NOT NULL CHECK (length(root) = 32),
    checkpoint TEXT
) STRICT;

-- The registry's newest checkpoint that its own witnesses cosigned in the number that it asks for; and since which
-- entry an operator lets checkpoints be served without them.
CREATE TABLE witnessed_head (
    id         INTEGER PRIMARY KEY NOT NULL CHECK (id = 0),
    checkpoint TEXT,
    overridden INTEGER
) STRICT;
INSERT INTO witnessed_head VALUES (0, NULL, NULL);
