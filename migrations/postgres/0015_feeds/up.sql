-- What happened to a charter's members, newest first: its feed.
CREATE INDEX records_charter ON records (charter, log_index);
