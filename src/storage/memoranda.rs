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
    enclosed,
    id::{ApplicationId, OperatorId},
    memorandum::{Delivery, SigningForm},
    scan::ScanType,
    text::Lang,
    word::Word as _,
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
    /// An electronic signature in a file of its own, kept in the file storage and not verified.
    Enclosed {
        /// Its digest, under which it is kept.
        file: Digest,
    },
    /// A signature on paper, which the secretariat holds.
    Paper {
        /// Who of the secretariat saw it.
        attested_by: OperatorId,
        /// The day on which it arrived.
        received_on: NaiveDate,
        /// How it arrived.
        received_by: Delivery,
    },
}

impl Means {
    /// The form of signing.
    pub const fn form(&self) -> SigningForm {
        match self {
            Self::Scan { .. } => SigningForm::HandwrittenScan,
            Self::Key { .. } => SigningForm::Ed25519,
            Self::Enclosed { .. } => SigningForm::EnclosedSignature,
            Self::Paper { .. } => SigningForm::Paper,
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
    file_type: Option<String>,
    public_key: Option<String>,
    signature: Option<Vec<u8>>,
    attested_by: Option<OperatorId>,
    received_on: Option<NaiveDate>,
    received_by: Option<Word<Delivery>>,
}

impl Row {
    fn signature(&self) -> Option<Signature> {
        let means = match self.form?.0 {
            SigningForm::HandwrittenScan => Means::Scan {
                file: self.file_digest?.into(),
                scan_type: ScanType::from_word(self.file_type.as_deref()?)?,
            },
            SigningForm::Ed25519 => Means::Key {
                key: PublicKey::from_multibase(self.public_key.as_deref()?)
                    .ok()?
                    .into(),
                signature: self.signature.as_deref()?.try_into().ok()?,
            },
            SigningForm::EnclosedSignature => Means::Enclosed {
                file: self.file_digest?.into(),
            },
            SigningForm::Paper => Means::Paper {
                attested_by: self.attested_by?,
                received_on: self.received_on?,
                received_by: self.received_by?.0,
            },
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
        let mut row = Self {
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
            file_digest: None,
            file_type: None,
            public_key: None,
            signature: None,
            attested_by: None,
            received_on: None,
            received_by: None,
        };
        match means {
            Some(Means::Scan { file, scan_type }) => {
                row.file_digest = Some((*file).into());
                row.file_type = Some(scan_type.as_str().to_owned());
            }
            Some(Means::Enclosed { file }) => {
                row.file_digest = Some((*file).into());
                row.file_type = Some(enclosed::MEDIA_TYPE.to_owned());
            }
            Some(Means::Key { key, signature }) => {
                row.public_key = Some(key.to_multibase());
                row.signature = Some(signature.to_vec());
            }
            Some(Means::Paper {
                attested_by,
                received_on,
                received_by,
            }) => {
                row.attested_by = Some(*attested_by);
                row.received_on = Some(*received_on);
                row.received_by = Some(Word(*received_by));
            }
            None => {}
        }
        row
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

    /// The digest of the file that was handed in as its signature, if one was.
    pub fn file(&self) -> Option<Digest> {
        match &self.signature.as_ref()?.means {
            Means::Scan { file, .. } | Means::Enclosed { file } => Some(*file),
            Means::Key { .. } | Means::Paper { .. } => None,
        }
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
