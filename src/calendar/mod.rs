//! Time zones, local days and windows: the only room that knows that clocks are set forward and back.
//!
//! Three habits keep time honest here.
//!
//! * **Nothing reads a clock.** Every question is asked about an instant that the caller passes in, so the same order
//!   gives the same answer tomorrow, in a test and in a replay. The dependency on chrono leaves out the features that
//!   read one, so that here `chrono::Utc::now()` does not compile.
//! * **Inside, a window is half-open in UTC.** [`Window`] is `[from, until)`: the first instant belongs to it, the last
//!   does not, and two windows that touch neither overlap nor leave a gap.
//! * **Days are the merchant's.** A date on a coupon is a local day in the merchant's [`Zone`], and the last day counts
//!   whole: "through 29 March" lasts until the midnight that ends 29 March, never until the midnight that begins it.
//!
//! Zone data are frozen into the build (see [`tz_data_version`]). Where a government changes its clocks on short notice,
//! either take a newer build or pass ready instants with [`Window::instants`].

// Proof that no clock is in reach. A database driver may turn chrono's clock on for the whole build: a feature that
// brings one takes its builds out of this proof here.
#[cfg(doctest)]
#[doc = "```compile_fail\nlet now = chrono::Utc::now();\n```"]
pub struct NoClock;

mod anniversary;
mod parse;
mod period;
mod weekly;
mod window;
mod zone;
#[cfg(not(feature = "tz"))]
#[path = "zone_disabled.rs"]
mod zone_data;
#[cfg(feature = "tz")]
#[path = "zone_enabled.rs"]
mod zone_data;
#[cfg(test)]
#[cfg(feature = "tz")]
mod zone_vectors;

pub use anniversary::{LeapDay, MonthDay};
pub use parse::{parse_date, parse_instant};
pub(crate) use parse::{read_date, read_instant};
pub(crate) use period::Period;
pub use weekly::Weekly;
pub use window::{Phase, Window, days_before};
pub use zone::Zone;

/// The version of the built-in IANA zone data, for instance `2025b`; `None` without the feature `tz`.
///
/// Worth a line in a start-up log: two machines that price the same order at the edge of a day agree only as long as
/// their zone data agree.
///
/// ```
/// let version = vouchsafe::tz_data_version();
/// assert_eq!(version.is_some(), cfg!(feature = "tz"));
/// ```
#[must_use]
pub fn tz_data_version() -> Option<&'static str> {
    zone_data::VERSION
}
