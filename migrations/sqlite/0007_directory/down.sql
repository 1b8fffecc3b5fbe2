-- What was copied out of the organisations is not copied again: the program before this one writes it with each change.

ALTER TABLE memberships ADD COLUMN region TEXT;
ALTER TABLE memberships ADD COLUMN country TEXT;
ALTER TABLE memberships ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE memberships ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
CREATE INDEX memberships_since ON memberships (charter, since, number);
CREATE INDEX memberships_name ON memberships (charter, sort_name, number);
CREATE TABLE member_terms (
    member BLOB NOT NULL REFERENCES memberships (id),
    term   TEXT NOT NULL,
    PRIMARY KEY (term, member)
) STRICT;
CREATE INDEX member_terms_member ON member_terms (member);
DROP INDEX memberships_log;
