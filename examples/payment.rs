//! Paying for an order with a code that others want too: reserve, authorise, commit with the order, capture.
//!
//! ```sh
//! cargo run --example payment
//! cargo run --example payment --features sqlite    # orders and coupons in one SQLite file, in the same transactions
//! ```
//!
//! A theatre sells seats, and a code for the last three of them at 10% off. Some banks answer at once, some take half an
//! hour, one says no. Money moves last, and only for an order whose code was recorded with it.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

#[cfg(feature = "sqlite")]
#[path = "payment/file.rs"]
mod file;
#[cfg(not(feature = "sqlite"))]
#[path = "payment/memory_only.rs"]
mod file;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[allow(dead_code)] // a test includes this file and calls `tell`
fn main() -> ExitCode {
    match tell_on_file(&mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Tells the whole story on a store in memory.
#[allow(dead_code)] // where there is a file, only a test asks for it
pub(crate) fn tell(out: &mut dyn Write) -> Result<()> {
    block_on(story(InMemory::default(), out))
}

/// Tells the same story on a store in a file, where there is the feature for it.
pub(crate) fn tell_on_file(out: &mut dyn Write) -> Result<()> {
    file::tell(out)
}

/// What the host has: orders, and the coupons beside them.
trait Database {
    /// A handle on the coupons, for one checkout.
    fn coupons(&mut self) -> impl CouponAdmin;
    /// Writes the order and records its redemption, both or neither.
    async fn place(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit>;
    /// Writes an order that the coupons know nothing of.
    async fn place_without_coupons(&mut self, order: &Reference, paid: Money) -> Result<()>;
    /// What was sold, by order.
    async fn orders(&mut self) -> Result<BTreeMap<String, Money>>;
}

#[allow(dead_code)] // as `tell`
#[derive(Default)]
struct InMemory {
    coupons: MemoryStore,
    orders: BTreeMap<String, Money>,
}

impl Database for InMemory {
    fn coupons(&mut self) -> impl CouponAdmin {
        self.coupons.clone()
    }

    async fn place(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit> {
        let answer = CouponStore::commit(&mut self.coupons, redemption, at).await?;
        if answer.is_recorded() {
            self.orders.insert(redemption.reference().to_string(), redemption.payable());
        }
        Ok(answer)
    }

    async fn place_without_coupons(&mut self, order: &Reference, paid: Money) -> Result<()> {
        self.orders.insert(order.to_string(), paid);
        Ok(())
    }

    async fn orders(&mut self) -> Result<BTreeMap<String, Money>> {
        Ok(self.orders.clone())
    }
}

/// A payment provider. It knows payments by the order, so that a repeat is the same payment.
#[derive(Default)]
struct Bank {
    payments: BTreeMap<String, Vec<(Money, Payment)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payment {
    Authorised,
    Captured,
    Voided,
}

impl Bank {
    fn authorise(&mut self, order: &Reference, amount: Money) {
        self.payments.entry(order.to_string()).or_default().push((amount, Payment::Authorised));
    }

    /// Moves this amount of what is authorised for the order; says whether there was anything to move. A provider gives each
    /// authorisation an id, which would be asked for in the place of the amount.
    fn settle(&mut self, order: &Reference, amount: Money, to: Payment) -> bool {
        let is_it = |(of, state): &&mut (Money, Payment)| *state == Payment::Authorised && *of == amount;
        let open = self.payments.get_mut(&order.to_string()).and_then(|of| of.iter_mut().find(is_it));
        open.is_some_and(|(_, state)| {
            *state = to;
            true
        })
    }

    fn total(&self, of: Payment) -> Result<Money> {
        let mut amounts = self.payments.values().flatten().filter(|(_, state)| *state == of).map(|(amount, _)| *amount);
        Ok(amounts.try_fold(Money::zero(Currency::USD), |sum, amount| sum.checked_add(amount))?)
    }
}

struct Theatre<D> {
    shop: Shop,
    database: D,
    bank: Bank,
}

/// So many minutes after noon.
fn noon(minutes: i64) -> Result<DateTime<Utc>> {
    let at = parse_instant("2026-03-01T12:00:00Z")?.checked_add_signed(TimeDelta::minutes(minutes));
    at.ok_or_else(|| "beyond all days".into())
}

async fn story<D: Database>(database: D, out: &mut dyn Write) -> Result<()> {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let mut theatre = Theatre { shop, database, bank: Bank::default() };
    let last = Coupon::builder("last").code("LAST3").percent_off("10").total_limit(3).build()?;
    theatre.database.coupons().define(&last, &Edit::new(noon(-60)?)).await?;
    writeln!(out, "Three seats at 10% off\n======================")?;

    writeln!(out, "\n1. Ann's bank answers at once")?;
    let ann = theatre.begin("ann", 0, out).await?;
    theatre.finish(&ann, 2, out).await?;

    writeln!(out, "\n2. Ben's bank takes 25 minutes; his hold lapsed, and nobody was waiting")?;
    let ben = theatre.begin("ben", 1, out).await?;
    theatre.finish(&ben, 26, out).await?;

    writeln!(out, "\n3. Cleo's takes as long, and Dan came for the last one")?;
    let cleo = theatre.begin("cleo", 30, out).await?;
    let dan = theatre.begin("dan", 55, out).await?;
    theatre.finish(&cleo, 58, out).await?;
    writeln!(out, "   She sees the price without the code, and agrees:")?;
    let plain = theatre.price("cleo", &[], noon(59)?).await?.redemption()?;
    theatre.authorise(&plain, 59, out)?;
    theatre.finish(&plain, 60, out).await?;

    writeln!(out, "\n4. Dan's bank says no: what he held is free at once")?;
    theatre.bank.settle(dan.reference(), dan.payable(), Payment::Voided);
    let released = theatre.database.coupons().release(dan.reference(), noon(61)?).await?;
    writeln!(out, "   13:01  released: {}", if released == Release::Released { "yes" } else { "no" })?;

    writeln!(out, "\n5. Hal held nothing, and the code is changed before his bank answers")?;
    let hal = theatre.price("hal", &["last3"], noon(61)?).await?.redemption()?;
    theatre.authorise(&hal, 61, out)?;
    let told = Coupon::builder("last").code("LAST3").description("The last three").percent_off("10").total_limit(3);
    theatre.database.coupons().revise(&told.build()?, &Edit::new(noon(61)?)).await?;
    theatre.finish(&hal, 62, out).await?;

    writeln!(out, "\n6. Eve takes it; the answer to her commit is lost on the way, and the host asks again")?;
    let eve = theatre.begin("eve", 62, out).await?;
    theatre.database.place(&eve, noon(63)?).await?; // the answer that nobody hears
    theatre.finish(&eve, 64, out).await?;
    theatre.finish(&eve, 65, out).await?;

    writeln!(out, "\n7. An old page of Eve's sends another basket under the same number")?;
    let (basket, nobody) = (seat()?, Customer::anonymous());
    let plain = Request::new(&basket, &nobody, eve.reference().clone(), noon(66)?);
    let other = theatre.shop.evaluate(&plain)?.redemption()?;
    theatre.authorise(&other, 66, out)?;
    theatre.finish(&other, 66, out).await?;

    writeln!(out, "\n8. Fay is too late, and is told before she pays")?;
    let fay = theatre.price("fay", &["last3"], noon(70)?).await?;
    for reason in fay.answers().iter().flat_map(|answer| answer.reasons()) {
        writeln!(out, "   13:10  {reason}")?;
    }

    writeln!(out, "\n9. The store cannot be reached: Gus gets his seat without a code")?;
    let request = LoadRequest::new(Reference::Order("gus".parse()?), Currency::USD, noon(80)?).code("last3");
    if let Err(error) = Unreachable.load(&request).await {
        writeln!(out, "   13:20  {error}; a retry helps: {}", if error.is_retryable() { "yes" } else { "no" })?;
        let (order, nobody) = (seat()?, Customer::anonymous());
        let plain = Request::new(&order, &nobody, request.reference().clone(), request.at());
        let payable = theatre.shop.evaluate(&plain)?.totals().payable();
        writeln!(out, "   13:20  codes cannot be used just now; {payable} without one, and he agrees")?;
        theatre.bank.authorise(request.reference(), payable);
        theatre.database.place_without_coupons(request.reference(), payable).await?;
        theatre.bank.settle(request.reference(), payable, Payment::Captured);
    }

    writeln!(out, "\nThe books")?;
    theatre.books(out).await
}

/// One seat at 100.00.
fn seat() -> Result<Order> {
    let line = Line::new(LineId(1), Product::new("SEAT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    Ok(Order::builder(Currency::USD).line(line).build()?)
}

impl<D: Database> Theatre<D> {
    async fn price(&mut self, who: &str, codes: &[&str], at: DateTime<Utc>) -> Result<Outcome> {
        let reference = Reference::Order(who.parse()?);
        let request = LoadRequest::new(reference.clone(), Currency::USD, at).with_codes(codes.iter().copied());
        let loaded = self.database.coupons().load(&request).await?;
        let prepared = loaded.prepare(&self.shop)?;
        let (codes, order, nobody) = (loaded.presented(&prepared), seat()?, Customer::anonymous());
        let request = Request::new(&order, &nobody, reference, at).with_codes(&codes);
        Ok(self.shop.evaluate(&request)?)
    }

    /// Prices the order, holds the code for twenty minutes, and asks the bank.
    async fn begin(&mut self, who: &str, minute: i64, out: &mut dyn Write) -> Result<Redemption> {
        let (at, until) = (noon(minute)?, noon(minute.saturating_add(20))?);
        let redemption = self.price(who, &["last3"], at).await?.redemption()?;
        match self.database.coupons().reserve(&redemption, at, until).await? {
            Reserve::Held { until } => {
                writeln!(out, "   {}  {who} holds the code until {}", at.format("%H:%M"), until.format("%H:%M"))?;
            }
            other => return Err(format!("{other:?}").into()),
        }
        self.authorise(&redemption, minute, out)?;
        Ok(redemption)
    }

    fn authorise(&mut self, redemption: &Redemption, minute: i64, out: &mut dyn Write) -> Result<()> {
        self.bank.authorise(redemption.reference(), redemption.payable());
        Ok(writeln!(out, "   {}  the bank is asked for {}", noon(minute)?.format("%H:%M"), redemption.payable())?)
    }

    /// The bank agreed: the order is written with its redemption, and only then is the money taken. Whatever else the store
    /// says, this authorisation is for nothing.
    async fn finish(&mut self, redemption: &Redemption, minute: i64, out: &mut dyn Write) -> Result<()> {
        let (at, order) = (noon(minute)?, redemption.reference());
        let answer = self.database.place(redemption, at).await?;
        let said = match &answer {
            Commit::Recorded => "the order is placed".to_owned(),
            Commit::AlreadyRecorded => "the order was placed before".to_owned(),
            Commit::Different => "another order has this number".to_owned(),
            Commit::Stale(_) => "the code was changed: price again".to_owned(),
            Commit::Refused(objections) => {
                let reasons: Vec<String> = objections.iter().map(ToString::to_string).collect();
                reasons.join("; ")
            }
        };
        let money = if !answer.is_recorded() {
            let voided = self.bank.settle(order, redemption.payable(), Payment::Voided);
            format!("; authorisation {}", if voided { "voided" } else { "not found" })
        } else if self.bank.settle(order, redemption.payable(), Payment::Captured) {
            format!(", {} captured", redemption.payable())
        } else {
            // A repeat: the money was taken before.
            String::new()
        };
        Ok(writeln!(out, "   {}  {said}{money}", at.format("%H:%M"))?)
    }

    /// Every order is paid, every payment has its order, and the code was used as often as it is in an order.
    async fn books(&mut self, out: &mut dyn Write) -> Result<()> {
        let orders = self.database.orders().await?;
        for (order, amount) in &orders {
            writeln!(out, "   {order:<12}{:>12}", amount.to_string())?;
        }
        let sold = orders.values().try_fold(Money::zero(Currency::USD), |sum, amount| sum.checked_add(*amount))?;
        let [open, captured, voided] = [
            self.bank.total(Payment::Authorised)?,
            self.bank.total(Payment::Captured)?,
            self.bank.total(Payment::Voided)?,
        ];
        let used = CounterKey::Total { coupon: "last".parse()? };
        let counter = self.database.coupons().counter(&used, noon(120)?).await?;
        writeln!(out, "   sold {sold}, captured {captured}, voided {voided}, still open {open}")?;
        writeln!(out, "   the code: {} used and {} held of 3", counter.used, counter.held)?;
        if sold == captured && open.is_zero() && counter.used == 3 {
            return Ok(());
        }
        Err("the books do not balance".into())
    }
}

/// A store that is down.
struct Unreachable;

fn refused() -> StoreError {
    StoreError::unavailable("connection refused")
}

impl CouponStore for Unreachable {
    async fn load(&mut self, _: &LoadRequest) -> std::result::Result<Loaded, StoreError> {
        Err(refused())
    }

    async fn reserve(
        &mut self,
        _: &Redemption,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> std::result::Result<Reserve, StoreError> {
        Err(refused())
    }

    async fn commit(&mut self, _: &Redemption, _: DateTime<Utc>) -> std::result::Result<Commit, StoreError> {
        Err(refused())
    }

    async fn release(&mut self, _: &Reference, _: DateTime<Utc>) -> std::result::Result<Release, StoreError> {
        Err(refused())
    }

    async fn void(&mut self, _: &Reference, _: OnVoid, _: DateTime<Utc>) -> std::result::Result<Void, StoreError> {
        Err(refused())
    }
}
