-- Memberships, complete: the kinds of decisions about them, terms of suspensions, mergers, and who stands aside.

ALTER TABLE decisions DROP CONSTRAINT decisions_kind_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_kind_check
    CHECK (kind IN ('admission', 'exclusion', 'suspension', 'reinstatement', 'readmission', 'claim_reassignment', 'merger'));

ALTER TABLE memberships ADD COLUMN suspended_until TIMESTAMPTZ;
ALTER TABLE memberships ADD COLUMN urgent_by UUID;
ALTER TABLE memberships ADD COLUMN urgent_ended_at TIMESTAMPTZ;
ALTER TABLE memberships ADD COLUMN merged_into UUID;
CREATE INDEX memberships_term ON memberships (suspended_until) WHERE suspended_until IS NOT NULL;

-- The other member whom an event concerned: the one it merged with, or the former holder of its keys.
ALTER TABLE records ADD COLUMN other UUID;

-- What a registrar stands aside from.
CREATE TABLE recusals (
    id          UUID PRIMARY KEY,
    operator    UUID NOT NULL REFERENCES operators (id),
    application UUID REFERENCES applications (id),
    membership  UUID REFERENCES memberships (id),
    at          TIMESTAMPTZ NOT NULL,
    CHECK ((application IS NULL) <> (membership IS NULL))
);
CREATE INDEX recusals_operator ON recusals (operator);
