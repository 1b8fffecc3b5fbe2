-- The outbox: what is to be told to whom. It holds no address and no text: both are looked up when a letter is
-- sent, so that nothing is left of a contact that was erased.
CREATE TABLE letters (
    id              UUID PRIMARY KEY,
    template        TEXT NOT NULL,
    language        TEXT NOT NULL,
    recipient       TEXT NOT NULL CHECK (recipient IN ('contact', 'secretariat')),
    application     UUID,
    membership      UUID,
    decision        UUID,
    arguments       JSONB NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'bounced', 'cancelled')),
    attempts        INTEGER NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    last_error      TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    sent_at         TIMESTAMPTZ,
    bounced_at      TIMESTAMPTZ,
    CHECK (recipient <> 'contact' OR application IS NOT NULL),
    CHECK ((state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL))
);
CREATE INDEX letters_due ON letters (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX letters_list ON letters (created_at, id);
CREATE INDEX letters_application ON letters (application, created_at, id);
