//! The tables, in types of both databases. `migrations/` holds the same for each.

use super::types::{Document, Id, Instant};

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    charters (slug) {
        slug -> Text,
        version -> Integer,
        last_number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    charter_versions (charter, version) {
        charter -> Text,
        version -> Integer,
        document -> Binary,
        digest -> Binary,
        log_index -> BigInt,
        published_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    partners (id) {
        id -> Id,
        name -> Text,
        created_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    operators (id) {
        id -> Id,
        name -> Text,
        role -> Text,
        created_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    tokens (id) {
        id -> Text,
        kind -> Text,
        owner -> Id,
        hash -> Binary,
        created_at -> Instant,
        expires_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    applications (id) {
        id -> Id,
        charter -> Text,
        charter_version -> Integer,
        state -> Text,
        channel -> Text,
        origin -> Text,
        partner -> Nullable<Id>,
        language -> Text,
        organisation -> Document,
        outcome -> Nullable<Document>,
        membership -> Nullable<Id>,
        revision -> BigInt,
        received_at -> Instant,
        updated_at -> Instant,
        entered -> Nullable<Document>,
        referral -> Nullable<Document>,
        confirmation -> Nullable<Document>,
        returned -> Nullable<Document>,
        matches -> Document,
        acknowledged -> Nullable<Document>,
        earlier_state -> Nullable<Text>,
        lapses_at -> Nullable<Instant>,
        assignee -> Nullable<Id>,
        due_on -> Nullable<Date>,
        erased_at -> Nullable<Instant>,
        salt -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    contact_confirmations (application, hash) {
        application -> Id,
        hash -> Binary,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    application_comments (id) {
        id -> Id,
        application -> Id,
        author -> Id,
        visibility -> Text,
        body -> Nullable<Text>,
        written_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    member_traces (charter, kind, value, member) {
        charter -> Text,
        kind -> Text,
        value -> Text,
        member -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    contacts (application) {
        application -> Id,
        name -> Text,
        position -> Text,
        email -> Text,
        phone -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    memoranda (application) {
        application -> Id,
        language -> Text,
        body -> Binary,
        digest -> Binary,
        salt -> Binary,
        issued_at -> Instant,
        form -> Nullable<Text>,
        signed_on -> Nullable<Date>,
        signed_at -> Nullable<Instant>,
        evidence -> Nullable<Binary>,
        file_digest -> Nullable<Binary>,
        file_type -> Nullable<Text>,
        public_key -> Nullable<Text>,
        signature -> Nullable<Binary>,
        attested_by -> Nullable<Id>,
        received_on -> Nullable<Date>,
        received_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    files (digest) {
        digest -> Binary,
        touched_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    memberships (id) {
        id -> Id,
        charter -> Text,
        charter_version -> Integer,
        number -> BigInt,
        founder -> Bool,
        status -> Text,
        organisation -> Document,
        memorandum -> Document,
        since -> Date,
        record -> Id,
        log_index -> BigInt,
        updated_at -> Instant,
        suspended_until -> Nullable<Instant>,
        urgent_by -> Nullable<Id>,
        urgent_ended_at -> Nullable<Instant>,
        merged_into -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    claims (charter, claim) {
        charter -> Text,
        claim -> Text,
        member -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    records (id) {
        id -> Id,
        charter -> Text,
        member -> Id,
        log_index -> BigInt,
        kind -> Text,
        status -> Text,
        digest -> Binary,
        document -> Nullable<Binary>,
        at -> Instant,
        other -> Nullable<Id>,
        redacted -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    recusals (id) {
        id -> Id,
        operator -> Id,
        application -> Nullable<Id>,
        membership -> Nullable<Id>,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    decisions (id) {
        id -> Id,
        kind -> Text,
        charter -> Text,
        application -> Nullable<Id>,
        membership -> Nullable<Id>,
        content -> Document,
        digest -> Binary,
        subject_digest -> Binary,
        state -> Text,
        proposer -> Id,
        proposed_at -> Instant,
        decider -> Nullable<Id>,
        decided_at -> Nullable<Instant>,
        record -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    log_head (id) {
        id -> SmallInt,
        size -> BigInt,
        last_at -> Nullable<Instant>,
        checkpoint -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    log_entries (leaf_index) {
        leaf_index -> BigInt,
        body -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    signing_keys (purpose, from_index) {
        purpose -> Text,
        from_index -> BigInt,
        to_index -> Nullable<BigInt>,
        public_key -> Text,
        created_at -> Instant,
        retired_at -> Nullable<Instant>,
        compromised_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    announced_keys (purpose) {
        purpose -> Text,
        public_key -> Text,
        announced_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    idempotent_requests (id) {
        id -> Binary,
        request_digest -> Binary,
        answer -> Nullable<Binary>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    letters (id) {
        id -> Id,
        template -> Text,
        language -> Text,
        recipient -> Text,
        application -> Nullable<Id>,
        membership -> Nullable<Id>,
        decision -> Nullable<Id>,
        arguments -> Document,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Nullable<Instant>,
        last_error -> Nullable<Text>,
        created_at -> Instant,
        sent_at -> Nullable<Instant>,
        bounced_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    audit (seq) {
        seq -> BigInt,
        at -> Instant,
        actor_kind -> Text,
        actor -> Nullable<Id>,
        role -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject -> Nullable<Text>,
        request -> Nullable<Text>,
        before -> Nullable<Binary>,
        after -> Nullable<Binary>,
        previous -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    audit_head (id) {
        id -> SmallInt,
        size -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    purge (id) {
        id -> SmallInt,
        asked_at -> Instant,
        done_at -> Nullable<Instant>,
        redacted -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    status_lists (number) {
        number -> Integer,
        taken -> Integer,
        revocation -> Binary,
        suspension -> Binary,
        signed_by -> Text,
        valid_until -> Instant,
        closed -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    status_places (list, position) {
        list -> Integer,
        position -> Integer,
        member -> Id,
        is_current -> Bool,
        revoked -> Bool,
        suspended -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    mirror (id) {
        id -> SmallInt,
        source -> Text,
        policy -> Text,
        first_use -> Bool,
        pinned_at -> Instant,
        target -> Nullable<Text>,
        contradicted -> Nullable<Text>,
        evidence -> Nullable<Text>,
        told -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    witnessed_logs (origin) {
        origin -> Text,
        size -> BigInt,
        root -> Binary,
        checkpoint -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text};
    use super::{Document, Id, Instant};

    witnessed_head (id) {
        id -> SmallInt,
        checkpoint -> Nullable<Text>,
        overridden -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(charters, charter_versions);
diesel::joinable!(claims -> memberships (member));
diesel::joinable!(contacts -> applications (application));
diesel::allow_tables_to_appear_in_same_query!(contacts, applications);
diesel::joinable!(member_traces -> memberships (member));
diesel::allow_tables_to_appear_in_same_query!(memberships, member_traces);
diesel::allow_tables_to_appear_in_same_query!(memberships, claims);
diesel::allow_tables_to_appear_in_same_query!(files, memoranda);
diesel::allow_tables_to_appear_in_same_query!(applications, memberships);
diesel::allow_tables_to_appear_in_same_query!(memberships, records);
