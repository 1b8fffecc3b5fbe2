-- What this program cosigned last, of each log that it witnesses: never another root for a size, never a smaller size.
CREATE TABLE witnessed_logs (
    origin     TEXT PRIMARY KEY,
    size       BIGINT NOT NULL CHECK (size >= 0),
    root       BYTEA NOT NULL CHECK (length(root) = 32),
    checkpoint TEXT
);

-- The registry's newest checkpoint that its own witnesses cosigned in the number that it asks for; and since which
-- entry an operator lets checkpoints be served without them.
CREATE TABLE witnessed_head (
    id         SMALLINT PRIMARY KEY CHECK (id = 0),
    checkpoint TEXT,
    overridden BIGINT
);
INSERT INTO witnessed_head VALUES (0, NULL, NULL);
