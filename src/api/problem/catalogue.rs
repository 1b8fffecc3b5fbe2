//! Every type of problem: its stable slug, its status, its title and the page that explains it.

use actix_web::http::StatusCode;

/// A type of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The stable name, the end of the `type` address.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The title.
    pub title: &'static str,
    /// What it means and what to do.
    pub explanation: &'static str,
}

impl ProblemType {
    /// The HTTP status.
    pub fn http_status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Declares the catalogue's constants and the list of them all.
macro_rules! catalogue {
    ($($name:ident = $slug:literal $status:literal $title:literal : $explanation:literal;)+) => {
        $(
            #[doc = $explanation]
            pub const $name: ProblemType =
                ProblemType { slug: $slug, status: $status, title: $title, explanation: $explanation };
        )+

        /// Every type of problem, by status.
        pub const ALL: &[&ProblemType] = &[$(&$name),+];
    };
}

catalogue! {
    MALFORMED_JSON = "malformed-json" 400 "The body is not JSON":
        "The body is not well-formed JSON (RFC 8259), has the same key twice, a number beyond ±2^53, or is nested deeper than 64 levels. `errors` names the place.";
    INVALID_QUERY = "invalid-query" 400 "A query parameter is not valid":
        "A query parameter is unknown, given twice, or has a value that is not allowed. `errors` names it.";
    INVALID_HEADER = "invalid-header" 400 "A header is not valid":
        "A header has a value that cannot be used. `detail` names it.";
    BAD_REQUEST = "bad-request" 400 "The request cannot be read":
        "The request does not follow HTTP, or its body ended early.";
    UNAUTHENTICATED = "unauthenticated" 401 "A token is needed":
        "Send `Authorization: Bearer <token>`: an operator's token, a partner's key, or the token of the application.";
    INVALID_TOKEN = "invalid-token" 401 "The token is not valid":
        "The token is malformed, unknown, expired or revoked.";
    FORBIDDEN = "forbidden" 403 "The token does not permit this":
        "The token is valid, but its holder's role does not include this. What is not granted is denied.";
    RECUSED = "recused" 403 "You stand aside from this":
        "You recused yourself from the application or member that this is about. Another registrar must do it.";
    CONFIRMATION_REFUSED = "confirmation-refused" 403 "The link confirms nothing":
        "The token is not the one of a letter about this application, was replaced by a newer address, or has ended. Ask the secretariat for another letter.";
    MIRROR_READ_ONLY = "mirror-read-only" 403 "This is a read-only mirror":
        "The server is a mirror of a registry: nothing can be changed and nobody can sign in here. `detail` names the registry's own address.";
    MIRROR_CANNOT_SIGN = "mirror-cannot-sign" 403 "A mirror cannot sign this":
        "The server is a mirror of a registry and has none of its keys. `detail` names the address at which the registry itself gives it.";
    NOT_A_MIRROR = "not-a-mirror" 404 "This is the registry itself":
        "Only a mirror can say how it stands to the registry that it follows.";
    NOT_FOUND = "not-found" 404 "There is nothing here":
        "There is nothing at this address, or nothing that the token may see.";
    TRUST_QUERY_UNKNOWN = "trust-query-unknown" 404 "This is not asked here":
        "A trust registry query is of an authority, an action or a resource that is none of this registry: it answers for its own DID, the action `member-of` and the addresses of its charters. `detail` names what was expected.";
    CHARTER_UNKNOWN = "charter-unknown" 404 "There is no such charter":
        "No charter, or no version of it, is published under this name.";
    MEMBER_UNKNOWN = "member-unknown" 404 "There is no such member":
        "The charter never had a member of this identifier.";
    RECORD_UNKNOWN = "record-unknown" 404 "There is no such record":
        "The registry never signed a record of this identifier.";
    TILE_UNKNOWN = "tile-unknown" 404 "There is no such tile":
        "The address is none of a tile (C2SP tlog-tiles), or the newest checkpoint does not reach it.";
    STATUS_LIST_UNKNOWN = "status-list-unknown" 404 "There is no such status list":
        "The address is none of a status list that a credential of this registry names.";
    APPLICATION_UNKNOWN = "application-unknown" 404 "There is no such application":
        "There is no application of this identifier, or it is none of the token's.";
    DECISION_UNKNOWN = "decision-unknown" 404 "There is no such decision":
        "There is no decision of this identifier.";
    COMMENT_UNKNOWN = "comment-unknown" 404 "There is no such comment":
        "There is no comment of this identifier on the application.";
    LETTER_UNKNOWN = "letter-unknown" 404 "There is no such letter":
        "There is no letter of this identifier.";
    ACCOUNT_UNKNOWN = "account-unknown" 404 "There is no such account":
        "There is no operator, partner or token of this identifier, or the account is closed.";
    MEMORANDUM_NOT_ISSUED = "memorandum-not-issued" 404 "There is no memorandum yet":
        "The secretariat has not made out the memorandum of this application, or no scan of it was handed in.";
    METHOD_NOT_ALLOWED = "method-not-allowed" 405 "The method is not allowed here":
        "The address exists, but not with this method; `Allow` lists those it has.";
    NOT_ACCEPTABLE = "not-acceptable" 406 "No acceptable form":
        "The resource has none of the media types that `Accept` asks for.";
    SLOW_BODY = "slow-body" 408 "The body came too slowly":
        "The body was not whole after a minute. Send it again, over a better connection.";
    APPLICATION_STATE = "application-state" 409 "The application's state does not allow this":
        "The application has to be in another state first. `detail` names both.";
    CONTACT_NOT_CONFIRMED = "contact-not-confirmed" 409 "The contact person has not confirmed the address":
        "The application came from the public, so no memorandum is made out before the contact person has followed the link in the letter, or a clerk has entered how the address was confirmed.";
    UNREVIEWED_MATCH = "unreviewed-match" 409 "Nobody has looked at whom the application resembles":
        "The application resembles a member or former member, or names a register that is not known here. `matches` of the application tells which; look at them, and acknowledge them with a reason.";
    NOTHING_TO_ACKNOWLEDGE = "nothing-to-acknowledge" 409 "There is nothing to acknowledge":
        "The application resembles nobody, or everything that it resembles was acknowledged before.";
    MEMBERSHIP_STATUS = "membership-status" 409 "The membership's status does not allow this":
        "The membership has to be in another status first. `detail` names both.";
    NOT_A_MEMBER = "not-a-member" 409 "The membership has ended":
        "Only active and suspended members have a credential. `detail` names the record that says how the membership ended.";
    DECISION_STATE = "decision-state" 409 "The decision is closed":
        "The decision was approved or declined before.";
    LETTER_STATE = "letter-state" 409 "The letter does not allow this now":
        "The letter waits to be sent already, or was not sent. `detail` says where it stands.";
    ALREADY_MEMBER = "already-a-member" 409 "The organisation is a member":
        "A member of the charter holds one of the organisation's identifiers or its domain.";
    FORMER_MEMBER = "former-member" 409 "The organisation was a member":
        "A former member of the charter holds one of the organisation's identifiers or its domain. If it is the same organisation, its way back is readmission (`POST /v1/applications/{id}/readmission` names the membership); if it is another one, two registrars can reassign the key (`reassignFrom` of the admission, or `POST …/claim-reassignment` for a member).";
    SECOND_REGISTRAR_MISSING = "second-registrar-missing" 409 "There is no second registrar":
        "Decisions are proposed by one registrar and approved by another. Until two have an account, none can be entered.";
    ALREADY_PROPOSED = "already-proposed" 409 "A decision about this is open":
        "Another decision about the same application or membership is open. Approve or decline it first.";
    SAME_PERSON = "same-person" 409 "Another registrar must approve":
        "Who proposed a decision cannot approve it.";
    PROPOSAL_STALE = "proposal-stale" 409 "The decision no longer fits what it is about":
        "The application or membership changed since the decision was proposed, or the digest is another decision's. Read it again, or decline it and propose anew.";
    URGENT_SUSPENSION_REPEATED = "urgent-suspension-repeated" 409 "No second urgent suspension":
        "An urgent suspension of this member ended less than 14 days ago without being confirmed. Propose an ordinary suspension, which two registrars decide.";
    NOTHING_TO_REASSIGN = "nothing-to-reassign" 409 "There is nothing to reassign":
        "The former member that was named holds none of these keys. A key that nobody holds is claimed by an amendment or an application.";
    SEVERAL_HOLDERS = "several-holders" 409 "The keys are of several former members":
        "A decision reassigns the keys of one former member. Propose one for each.";
    TOO_MANY_IDENTIFIERS = "too-many-identifiers" 409 "There would be too many identifiers":
        "An organisation has at most 10 identifiers. Amend the member first.";
    NO_CHANGE = "no-change" 409 "Nothing would change":
        "The amendment leaves the member as it is, so there is nothing to record.";
    VERSION_PUBLISHED = "version-published" 409 "The version is published":
        "This version of the charter was published with another content, and a published version never changes. Raise its number.";
    VERSION_GAP = "version-gap" 409 "Another version comes next":
        "Versions of a charter follow each other from 1 without gaps.";
    NAME_TAKEN = "name-taken" 409 "The name is taken":
        "Another account has this name.";
    LAST_ADMINISTRATOR = "last-administrator" 409 "The last administrator cannot leave":
        "Nobody could manage people any more. Add another administrator first.";
    SECOND_REGISTRAR = "second-registrar" 409 "The second registrar cannot leave":
        "No decision could be approved any more. Add another registrar first.";
    IDEMPOTENCY_KEY_IN_USE = "idempotency-key-in-use" 409 "The request is still running":
        "A request with the same Idempotency-Key has been running for ten seconds. Try again later.";
    CONTACT_ERASED = "contact-erased" 410 "The contact person was erased":
        "What was held about the contact person was erased, as it was asked for or as its time had come. What is public stays.";
    RECORD_REDACTED = "record-redacted" 410 "The record was redacted":
        "The record's document was removed, because it told what must not be public. The log has its digest, and an entry `record.redacted` that says why.";
    CHANGED = "changed" 412 "It changed since you read it":
        "`If-Match` names an older state. Read it again and repeat the change on what it is now.";
    TOO_LARGE = "too-large" 413 "The body is too large":
        "The body is longer than this endpoint takes. `detail` gives the limit in bytes.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type" 415 "The body has another media type than this takes":
        "`Content-Type` is missing, or names a type that this endpoint does not take, or the content is of another type than it is said to be.";
    RANGE_UNSATISFIABLE = "range-unsatisfiable" 416 "The range begins behind the end":
        "`Range` names bytes behind the last one. `Content-Range` gives the length.";
    INVALID_BODY = "invalid-body" 422 "The body is not valid":
        "The body is well-formed, but a value is missing, unknown, of the wrong type or not allowed. `errors` lists every place.";
    ASSIGNEE_UNKNOWN = "assignee-unknown" 422 "There is nobody to assign it to":
        "No clerk and no registrar with an open account has this identifier or name.";
    REFERRER_UNKNOWN = "referrer-unknown" 422 "The referrer is no member":
        "The charter has no active member of this identifier.";
    CATEGORY_NOT_ACCEPTED = "category-not-accepted" 422 "The charter does not admit this category":
        "The charter's version lists the categories of organisations that may accede.";
    COUNTRY_NOT_ACCEPTED = "country-not-accepted" 422 "The charter does not admit this country":
        "The charter's version lists the countries whose organisations may accede.";
    LANGUAGE_NOT_OFFERED = "language-not-offered" 422 "The charter has no such language":
        "The charter's version lists the languages of its memorandum.";
    CHANNEL_NOT_ALLOWED = "channel-not-allowed" 422 "The channel does not fit":
        "A partner's applications come by `partner`, the public's by `website`; the other channels are for operators.";
    SIGNING_FORM_NOT_ACCEPTED = "signing-form-not-accepted" 422 "The charter does not take this form of signing":
        "The charter's version lists the forms of signing that it takes.";
    SIGNATURE_INVALID = "signature-invalid" 422 "The signature is not valid":
        "The ed25519 signature is not the key's over the memorandum's exact bytes, as `GET` with `Accept: text/plain` returns them.";
    SIGNATURE_FILE_INVALID = "signature-file-invalid" 422 "The file is no detached electronic signature":
        "An enclosed signature is detached CMS signed data (RFC 5652) by at least one signer, in DER, PEM or base64: the `.p7s` or `.sig` file that the signing program made. It is kept as evidence and not verified.";
    SCAN_WRONG_TYPE = "scan-wrong-type" 422 "The scan is not of the type it is said to be":
        "From its first byte on, the content must be the PDF, JPEG or PNG that `Content-Type` names.";
    SCAN_POLYGLOT = "scan-polyglot" 422 "The file holds more than the scan":
        "Something stands before, behind or inside the scan: an archive, a page, a script, a film, a second file. Export the scan alone.";
    SCAN_TRUNCATED = "scan-truncated" 422 "The scan is cut short":
        "The file ends before its format does. Send it again, whole.";
    SCAN_MALFORMED = "scan-malformed" 422 "The scan is not sound":
        "The file breaks its format, holds several images, or uses parts of the format that no scanner needs; `detail` says which. Scan the memorandum again, or save it anew.";
    SCAN_TOO_MANY_PAGES = "scan-too-many-pages" 422 "The scan has too many pages":
        "A PDF has at most 50 pages. Send the memorandum alone.";
    SCAN_TOO_MANY_PIXELS = "scan-too-many-pixels" 422 "The scan has too many pixels":
        "An image, also one on a PDF's page, has at most 100,000,000 pixels and 20,000 along a side. Scan at a lower resolution.";
    SCAN_ENCRYPTED = "scan-encrypted" 422 "The scan is encrypted":
        "The PDF has a password or restrictions. Save it without.";
    SCAN_ACTIVE_CONTENT = "scan-active-content" 422 "The scan has active content":
        "The PDF has scripts, actions, forms that act, or files inside. Print it to a new PDF, or send it as a picture.";
    SIGNATORY_MISSING = "signatory-missing" 422 "The signatory is missing":
        "The contact person was erased: name the signatory in the request.";
    NOT_A_FOUNDER = "not-a-founder" 422 "The charter does not name this founder":
        "The charter's version names its founders; none of them has a name or alias of this organisation.";
    DOMAIN_MISSING = "domain-missing" 422 "There is no domain to attest":
        "The application names no domain.";
    DOMAIN_PROOF_REQUIRED = "domain-proof-required" 422 "Control of the domain must be attested":
        "The charter wants a registrar to attest that the organisation controls its domain (`domainAttested`).";
    KEY_MISSING = "key-missing" 422 "Nothing identifies the organisation":
        "A membership needs an identifier or an attested domain, so that an excluded member cannot return as a stranger.";
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused" 422 "The Idempotency-Key was used for another request":
        "Each key stands for one request. Repeat that request unchanged, or take a new key.";
    PRECONDITION_REQUIRED = "precondition-required" 428 "If-Match is needed":
        "Send `If-Match` with the ETag of what you read, so that no change of somebody else's is lost.";
    RATE_LIMITED = "rate-limited" 429 "Too many requests":
        "More requests came than are served to one client or token. Try again after `Retry-After` seconds; `RateLimit` tells how many more are served.";
    INTERNAL = "internal-error" 500 "Something failed":
        "The registry failed; nothing was changed. The request's identifier finds it in the log.";
    BUSY = "busy" 503 "The registry is busy":
        "Others held what the request needed for ten seconds, or the server is closing. Try again after `Retry-After` seconds.";
    LOG_CONTRADICTED = "log-contradicted" 503 "The log is not the one that was published":
        "The database's log is older than what was published, or another one. Nothing is signed until the operator has put the right one back; what was published is served as it was.";
    CLOCK_WRONG = "clock-wrong" 503 "The clock is wrong":
        "The server's clock stands behind the log's last entry, or is more than five minutes from the database's. Nothing is signed until the operator has set it right; what was published is served as it was.";
    SIGNING_KEY_MISSING = "signing-key-missing" 503 "The signing key is not at hand":
        "One of the registry's keys was replaced, and this instance does not have the new one. It signs nothing until the operator has copied the key file to it; what was published is served as it was.";
    TIMED_OUT = "timed-out" 503 "There was no answer in time":
        "The request took longer than a client is kept waiting. A change may still be made: repeat it with the same `Idempotency-Key`, or read before you repeat it.";
}

/// The type of this slug.
pub fn find(slug: &str) -> Option<&'static ProblemType> {
    ALL.iter().copied().find(|kind| kind.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_type_has_a_slug_of_its_own_and_a_status_that_is_an_error() {
        for (place, kind) in ALL.iter().enumerate() {
            assert!(
                ALL[..place].iter().all(|other| other.slug != kind.slug),
                "{}",
                kind.slug
            );
            assert!((400..600).contains(&kind.status), "{}", kind.slug);
        }
    }
}
