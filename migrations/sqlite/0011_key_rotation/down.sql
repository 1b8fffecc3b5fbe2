DROP TABLE announced_keys;
ALTER TABLE signing_keys DROP COLUMN compromised_at;
ALTER TABLE signing_keys DROP COLUMN retired_at;
