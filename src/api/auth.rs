//! Who calls: the token in `Authorization: Bearer`, checked against the table of [`access`](super::access).

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::{Method, header},
};
use charter_proof::canonical::Digest;
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

use super::{
    Service,
    access::Access,
    envelope::RequestId,
    problem::{
        ApiError,
        catalogue::{FORBIDDEN, INVALID_HEADER, INVALID_TOKEN, UNAUTHENTICATED},
    },
};
use crate::{
    desk::{Actor, Desk, Idempotency, Request},
    rules::{
        id::{ApplicationId, OperatorId, PartnerId},
        token::{Token, TokenKind},
        word::Word as _,
    },
    storage::{
        self,
        people::{Operator, Partner, StoredToken},
    },
};

/// The longest `Idempotency-Key`, in bytes.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// How exactly the last use of a token is noted.
const LAST_USE_PRECISION: TimeDelta = TimeDelta::minutes(1);

/// The caller of an endpoint, whom the table of access lets pass.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
    /// The token it came with; empty for anybody.
    token: String,
}

impl Caller {
    /// The request as a use case takes it. Its `Idempotency-Key` stands for this method, path and body.
    pub fn request(&self, http: &HttpRequest, body: &[u8]) -> Result<Request, ApiError> {
        self.request_of(http, Digest::of(body))
    }

    /// The same for a body that is known by its digest.
    pub fn request_of(&self, http: &HttpRequest, body: Digest) -> Result<Request, ApiError> {
        let plain = self.look(http);
        let Some(key) = http.headers().get("idempotency-key") else {
            return Ok(plain);
        };
        let is_usable = |key: &&str| {
            (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = key.to_str().ok().filter(is_usable).ok_or_else(|| {
            ApiError::new(
                &INVALID_HEADER,
                "Idempotency-Key: expected 1 to 255 visible ASCII characters",
            )
        })?;
        let target = format!("{} {}", http.method(), http.uri());
        let idempotency = Some(Idempotency::new(&self.token, key, &target, body));
        Ok(Request {
            idempotency,
            ..plain
        })
    }

    /// The request as a look at personal data takes it: each one is answered, and audited, anew.
    pub fn look(&self, http: &HttpRequest) -> Request {
        let id = http.extensions().get::<RequestId>().map(|id| id.0.clone());
        Request {
            id,
            ..Request::by(self.actor)
        }
    }

    /// The operator who calls. The table admits nobody else where this is asked.
    pub fn operator(&self) -> Result<OperatorId, ApiError> {
        match self.actor {
            Actor::Operator(id, _) => Ok(id),
            _ => Err(ApiError::new(&FORBIDDEN, "this is for operators")),
        }
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Self>().cloned();
        std::future::ready(caller.ok_or_else(|| ApiError::internal("no caller was established")))
    }
}

/// Establishes who calls, and that the table of access lets it pass.
pub async fn authenticate(
    request: &ServiceRequest,
    service: &Service,
    access: Access,
) -> Result<Caller, ApiError> {
    let anonymous = Caller {
        actor: Actor::Anonymous,
        token: String::new(),
    };
    if access.anybody && !access.partner && access.roles.is_empty() {
        // Whoever sends a token to what anybody may read is anybody there.
        return Ok(anonymous);
    }
    let (text, token) = match carried(request, access)? {
        Some(carried) => carried,
        None if access.anybody => return Ok(anonymous),
        None => {
            let detail = "send `Authorization: Bearer <token>`";
            return Err(ApiError::new(&UNAUTHENTICATED, detail));
        }
    };
    let desk = service.desk.clone();
    let actor = service
        .run(async move { identify(&desk, token).await })
        .await?;
    if grants(access, actor) {
        Ok(Caller { actor, token: text })
    } else {
        Err(ApiError::new(
            &FORBIDDEN,
            format!("this is for {}", holders(access)),
        ))
    }
}

/// The token that the request carries, in the clear and read: in `Authorization`, or in the secret link of an
/// application.
fn carried(request: &ServiceRequest, access: Access) -> Result<Option<(String, Token)>, ApiError> {
    let malformed = || invalid("it is malformed");
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid("expected `Authorization: Bearer <token>`"));
        }
        let text = token.trim().to_owned();
        let token = Token::parse(&text).ok_or_else(malformed)?;
        return Ok(Some((text, token)));
    }
    // A link is followed, so it can carry nothing but its address; it only reads, and only an application.
    if !access.applicant || request.method() != Method::GET {
        return Ok(None);
    }
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let Some((_, text)) = pairs.find(|(key, _)| key == "token") else {
        return Ok(None);
    };
    let token = Token::parse(&text).filter(|token| token.kind() == TokenKind::Applicant);
    Ok(Some((text.into_owned(), token.ok_or_else(malformed)?)))
}

/// Whose token it is.
async fn identify(desk: &Desk, token: Token) -> Result<Actor, ApiError> {
    let mut conn = desk.database.read().await?;
    let stored = StoredToken::find(&mut conn, token.id())
        .await?
        .ok_or_else(|| invalid("it is unknown"))?;
    let same = stored.hash.as_bytes().ct_eq(token.hash().as_bytes());
    if !bool::from(same) || stored.kind != token.kind() {
        return Err(invalid("it is unknown"));
    }
    let now = desk.now();
    if !stored.is_valid_at(now) {
        return Err(invalid("it is expired or revoked"));
    }
    let actor = match stored.kind {
        TokenKind::Confirmation => return Err(invalid("it only confirms an address")),
        TokenKind::Applicant => Actor::Applicant(ApplicationId(stored.owner)),
        TokenKind::Partner => {
            let partner = Partner::find(&mut conn, PartnerId(stored.owner)).await?;
            let open = partner.filter(|partner| partner.revoked_at.is_none());
            Actor::Partner(open.ok_or_else(|| invalid("its account is closed"))?.id)
        }
        TokenKind::Operator => {
            let operator = Operator::find(&mut conn, OperatorId(stored.owner)).await?;
            let open = operator.filter(|operator| operator.revoked_at.is_none());
            let operator = open.ok_or_else(|| invalid("its account is closed"))?;
            Actor::Operator(operator.id, operator.role)
        }
    };
    drop(conn);
    if stored
        .last_used_at
        .is_none_or(|last| now - last >= LAST_USE_PRECISION)
    {
        // Whoever may come in does, though the note of it has to wait for the next time.
        if let Err(error) = note_use(desk, token.id(), now).await {
            tracing::warn!(token = token.id(), cause = %error, "the use of a token was not noted");
        }
    }
    Ok(actor)
}

async fn note_use(desk: &Desk, token: &str, at: DateTime<Utc>) -> Result<(), storage::Error> {
    let mut tx = desk.database.begin().await?;
    StoredToken::touch(&mut tx, token, at).await?;
    tx.commit().await
}

/// Whether the table lets this actor pass.
fn grants(access: Access, actor: Actor) -> bool {
    match actor {
        Actor::Anonymous => access.anybody,
        // Another application is not forbidden but unknown: the use case says so.
        Actor::Applicant(_) => access.applicant,
        Actor::Partner(_) => access.partner,
        Actor::Operator(_, role) => access.roles.contains(&role),
        // Neither comes over HTTP.
        Actor::Host | Actor::System => false,
    }
}

fn holders(access: Access) -> String {
    let mut holders: Vec<&str> = access.roles.iter().map(|role| role.as_str()).collect();
    if access.partner {
        holders.push("partner");
    }
    if access.applicant {
        holders.push("applicant");
    }
    holders.join(", ")
}

fn invalid(why: &str) -> ApiError {
    ApiError::new(&INVALID_TOKEN, format!("the token is not valid: {why}"))
}
