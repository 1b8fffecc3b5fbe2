//! Memoranda: their exact text, and how they were signed. They name the signatory: personal data.

use charter_proof::{canonical::Digest, keys::PublicKey};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, OptionalRow, Result, Transaction, on,
    schema::memoranda,
    types::{Sha256, Timestamp, Word},
};
use crate::rules::{
    id::ApplicationId,
    memorandum::{ScanType, SigningForm},
    text::Lang,
};

/// The memorandum of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memorandum {
    /// The application.
    pub application: ApplicationId,
    /// The language of the text.
    pub language: Lang,
    /// The text's exact bytes: what a key signs.
    pub body: Vec<u8>,
    /// The random salt of the digest that records carry.
    pub salt: [u8; 32],
    /// When it was made out.
    pub issued_at: DateTime<Utc>,
    /// How it was signed, once it was.
    pub signature: Option<Signature>,
}

/// How a memorandum was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The date of signing, as the signatory gave it.
    pub signed_on: NaiveDate,
    /// When it reached the registry.
    pub signed_at: DateTime<Utc>,
    /// SHA-256 of the salt and the signed bytes: what records say of the memorandum.
    pub evidence: Digest,
    /// What was handed in.
    pub means: Means,
}

/// What was handed in as a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// A scan, kept in the file storage.
    Scan {
        /// Its digest, under which it is kept.
        file: Digest,
        /// Its type.
        scan_type: ScanType,
    },
    /// An ed25519 signature over the text, verified.
    Key {
        /// The key.
        key: Box<PublicKey>,
        /// The signature.
        signature: [u8; 64],
    },
}

impl Means {
    /// The form of signing.
    pub const fn form(&self) -> SigningForm {
        match self {
            Self::Scan { .. } => SigningForm::HandwrittenScan,
            Self::Key { .. } => SigningForm::Ed25519,
        }
    }
}

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = memoranda, primary_key(application), treat_none_as_null = true)]
struct Row {
    application: ApplicationId,
    language: String,
    body: Vec<u8>,
    digest: Sha256,
    salt: Sha256,
    issued_at: Timestamp,
    form: Option<Word<SigningForm>>,
    signed_on: Option<NaiveDate>,
    signed_at: Option<Timestamp>,
    evidence: Option<Sha256>,
    file_digest: Option<Sha256>,
    file_type: Option<Word<ScanType>>,
    public_key: Option<String>,
    signature: Option<Vec<u8>>,
}

impl Row {
    fn signature(&self) -> Option<Signature> {
        let means = match self.form?.0 {
            SigningForm::HandwrittenScan => Means::Scan {
                file: self.file_digest?.into(),
                scan_type: self.file_type?.0,
            },
            SigningForm::Ed25519 => Means::Key {
                key: PublicKey::from_multibase(self.public_key.as_deref()?)
                    .ok()?
                    .into(),
                signature: self.signature.as_deref()?.try_into().ok()?,
            },
            SigningForm::EnclosedSignature | SigningForm::Paper => return None,
        };
        Some(Signature {
            signed_on: self.signed_on?,
            signed_at: self.signed_at?.into(),
            evidence: self.evidence?.into(),
            means,
        })
    }
}

impl TryFrom<Row> for Memorandum {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::Damaged(format!("memorandum of application {}", row.application));
        if Digest::of(&row.body) != row.digest.into() {
            return Err(damaged());
        }
        let signature = row.signature();
        if signature.is_none() && row.form.is_some() {
            return Err(damaged());
        }
        Ok(Self {
            application: row.application,
            language: Lang::parse(&row.language).map_err(|_| damaged())?,
            body: row.body,
            salt: row.salt.0,
            issued_at: row.issued_at.into(),
            signature,
        })
    }
}

impl From<&Memorandum> for Row {
    fn from(memorandum: &Memorandum) -> Self {
        let signature = memorandum.signature.as_ref();
        let means = signature.map(|signature| &signature.means);
        let (file_digest, file_type) = match means {
            Some(Means::Scan { file, scan_type }) => (Some((*file).into()), Some(Word(*scan_type))),
            _ => (None, None),
        };
        let (public_key, signature_bytes) = match means {
            Some(Means::Key { key, signature }) => {
                (Some(key.to_multibase()), Some(signature.to_vec()))
            }
            _ => (None, None),
        };
        Self {
            application: memorandum.application,
            language: memorandum.language.to_string(),
            body: memorandum.body.clone(),
            digest: Digest::of(&memorandum.body).into(),
            salt: Sha256(memorandum.salt),
            issued_at: memorandum.issued_at.into(),
            form: means.map(|means| Word(means.form())),
            signed_on: signature.map(|signature| signature.signed_on),
            signed_at: signature.map(|signature| signature.signed_at.into()),
            evidence: signature.map(|signature| signature.evidence.into()),
            file_digest,
            file_type,
            public_key,
            signature: signature_bytes,
        }
    }
}

impl Memorandum {
    /// Writes the memorandum of an application, in place of an earlier one.
    pub async fn put(&self, tx: &mut Transaction) -> Result<()> {
        let row = Row::from(self);
        on!(&mut **tx, |c| diesel::insert_into(memoranda::table)
            .values(&row)
            .on_conflict(memoranda::application)
            .do_update()
            .set(&row)
            .execute(c))?;
        Ok(())
    }

    /// Voids the memorandum of an application: what it names has changed.
    pub async fn void(tx: &mut Transaction, application: ApplicationId) -> Result<()> {
        on!(&mut **tx, |c| diesel::delete(
            memoranda::table.filter(memoranda::application.eq(application))
        )
        .execute(c))?;
        Ok(())
    }

    /// The memorandum of an application, once it is made out.
    pub async fn find(conn: &mut Connection, application: ApplicationId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(memoranda::application.eq(application))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }
}

/// The digests of the files that memoranda name, each once.
pub async fn files(conn: &mut Connection) -> Result<Vec<Digest>> {
    let digests: Vec<Option<Sha256>> = on!(conn, |c| memoranda::table
        .filter(memoranda::file_digest.is_not_null())
        .select(memoranda::file_digest)
        .distinct()
        .load(c))?;
    Ok(digests.into_iter().flatten().map(Into::into).collect())
}
