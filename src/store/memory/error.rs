//! Why an admin is told no.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::coupon::Code;
use crate::error::Error;
use crate::issue::IssueRefusal;
use crate::key::{BatchId, CouponId, OccasionId};
use crate::outcome::CounterKey;

/// Why a definition or a code cannot be stored as asked. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// There is a definition of this id; it can be revised.
    #[error("`{coupon}` is defined already: change it with `revise`")]
    AlreadyDefined {
        /// The definition.
        coupon: CouponId,
    },
    /// There is no definition of this id.
    #[error("`{coupon}` is not defined")]
    UnknownCoupon {
        /// The definition.
        coupon: CouponId,
    },
    /// Somebody else revised the definition meanwhile.
    #[error("`{coupon}` has revision {current}, and the change is based on {based_on}")]
    RevisedMeanwhile {
        /// The definition.
        coupon: CouponId,
        /// The revision that the change is based on.
        based_on: u32,
        /// The revision that stands.
        current: u32,
    },
    /// The definition cannot be revised any more.
    #[error("`{coupon}` has had as many revisions as there can be")]
    RevisionsExhausted {
        /// The definition.
        coupon: CouponId,
    },
    /// The code stands for something already; compared in its canonical form.
    #[error("code `{code}` is taken")]
    CodeTaken {
        /// The code.
        code: Code,
    },
    /// No such code was issued.
    #[error("code `{code}` was not issued")]
    UnknownCode {
        /// The code.
        code: Code,
    },
    /// The definition has codes of another format, so that nobody could redeem this one.
    #[error("code `{code}` is not of the format of `{coupon}`")]
    WrongFormat {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// The definition is for the customer that each code is issued to, and this one has none: nobody could redeem it.
    #[error("code `{code}` of the personal coupon `{coupon}` has no holder")]
    HolderRequired {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// As many codes are issued as the definition allows (S81); those that lie in batches count.
    #[error("`{coupon}` allows {limit} codes, {issued} are issued and {wanted} more are wanted")]
    CodesLimit {
        /// The definition.
        coupon: CouponId,
        /// How many it allows.
        limit: u64,
        /// How many are issued.
        issued: u64,
        /// How many more were to be issued.
        wanted: u64,
    },
    /// The definition has a code that is shared by all, so that there is none to issue.
    #[error("`{coupon}` has a shared code, none is issued")]
    SharedCode {
        /// The definition.
        coupon: CouponId,
    },
    /// The definition gives no code now.
    #[error("`{coupon}` gives no code: {refusal}")]
    NotIssued {
        /// The definition.
        coupon: CouponId,
        /// Why not.
        refusal: IssueRefusal,
    },
    /// Every code that could be given is taken, or there was none.
    #[error("none of {tried} codes for `{coupon}` was free")]
    NoFreeCode {
        /// The definition.
        coupon: CouponId,
        /// How many codes were tried.
        tried: u32,
    },
    /// This occasion of this customer has another code.
    #[error("occasion `{occasion}` has code `{code}`")]
    OccasionTaken {
        /// The occasion.
        occasion: OccasionId,
        /// Its code.
        code: Code,
    },
    /// There is a batch of this name, with other codes or of another definition.
    #[error("batch `{batch}` exists already")]
    BatchExists {
        /// The batch.
        batch: BatchId,
    },
    /// There is no batch of this name.
    #[error("there is no batch `{batch}`")]
    UnknownBatch {
        /// The batch.
        batch: BatchId,
    },
    /// The batch was handed out, and its clocks run.
    #[error("batch `{batch}` was exported at {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    AlreadyExported {
        /// The batch.
        batch: BatchId,
        /// When it was.
        at: DateTime<Utc>,
    },
    /// Every code of the batch was withdrawn, or it has none.
    #[error("batch `{batch}` has no code to export")]
    NothingToExport {
        /// The batch.
        batch: BatchId,
    },
    /// The uses of an imported code pass a limit of the definition.
    #[error("code `{code}` passes a limit: {used} used and {held} held of {limit}, {wanted} more imported")]
    ImportOverLimit {
        /// The first code with which the limit is passed.
        code: Code,
        /// The counter.
        counter: Box<CounterKey>,
        /// The most it may reach.
        limit: u64,
        /// What is used.
        used: u64,
        /// What live holds have of it.
        held: u64,
        /// By how much the import raises it, up to this code.
        wanted: u64,
    },
    /// The dates of the definition do not exist in the shop's time zone.
    #[error("`{coupon}`: {error}")]
    Unusable {
        /// The definition.
        coupon: CouponId,
        /// Which date, and why.
        error: Error,
    },
}
