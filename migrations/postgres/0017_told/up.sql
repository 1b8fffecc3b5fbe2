-- How many entries of the log the tables tell, while a mirror makes them of a log that it has verified; none once they tell
-- all of it.
ALTER TABLE mirror ADD COLUMN told BIGINT CHECK (told >= 0);
