-- The newest checkpoint, a signed note (C2SP tlog-checkpoint).
ALTER TABLE log_head ADD COLUMN checkpoint TEXT;
