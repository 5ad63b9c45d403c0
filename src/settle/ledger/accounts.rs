//! The merchant's accounts, as far as coupons are booked to them.

use serde::{Deserialize, Serialize};

use crate::coupon::Coupon;
use crate::error::{DefinitionErrors, Error, FieldError, Why};
use crate::form::choices;
use crate::key::AccountId;

choices! {
    /// What kind of account it is.
    ///
    /// ```
    /// use vouchsafe::AccountClass;
    ///
    /// assert_eq!(serde_json::to_string(&AccountClass::Revenue)?, "\"R\"");
    /// assert!(AccountClass::Asset.takes_discounts());
    /// assert!(!AccountClass::Liability.takes_discounts());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum AccountClass {
        /// Assets: what the merchant has, receivables among them.
        Asset = "A",
        /// Liabilities: what the merchant owes.
        Liability = "L",
        /// Equity: what the merchant is worth.
        Equity = "E",
        /// Revenue, and what lowers it.
        Revenue = "R",
        /// Expenses.
        Expense = "X",
    }
}

impl AccountClass {
    /// Whether discounts may be booked to it: revenue, expenses and assets (S144).
    #[must_use]
    pub fn takes_discounts(self) -> bool {
        matches!(self, Self::Revenue | Self::Expense | Self::Asset)
    }
}

/// One account of the merchant's books.
///
/// ```
/// use vouchsafe::{Account, AccountClass};
///
/// let account: Account = serde_json::from_str(r#"{"id": "4711", "class": "R"}"#)?;
/// assert_eq!(account, Account::new("4711".parse()?, AccountClass::Revenue));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    id: AccountId,
    class: AccountClass,
    #[serde(skip_serializing_if = "is_true", default = "yes")]
    active: bool,
}

fn is_true(value: &bool) -> bool {
    *value
}

fn yes() -> bool {
    true
}

impl Account {
    /// An active account.
    #[must_use]
    pub fn new(id: AccountId, class: AccountClass) -> Self {
        Self { id, class, active: true }
    }

    /// Whether it is in use: nothing new is booked to one that is not.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = active;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &AccountId {
        &self.id
    }

    /// Its class.
    #[must_use]
    pub fn class(&self) -> AccountClass {
        self.class
    }

    /// Whether it is in use.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active
    }
}

/// The accounts of the merchant's books, to check the discount accounts of coupons against: one must exist, be active and
/// be of class R, X or A (S144). A coupon that names no account is booked to the default one, and passes.
///
/// In JSON a list of accounts.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let table = AccountTable::new([
///     Account::new("4711".parse()?, AccountClass::Revenue),
///     Account::new("2100".parse()?, AccountClass::Liability),
/// ])?;
/// let to = |account: &str| -> Result<Coupon, Box<dyn std::error::Error>> {
///     Ok(Coupon::builder("c").code("TEN").percent_off("10").account(account.parse()?).build()?)
/// };
/// assert!(table.check(&to("4711")?).is_ok());
/// let error = table.check(&to("2100")?).unwrap_err();
/// assert_eq!(error.to_string(), "`account` is `2100`: not of class R, X or A");
/// assert_eq!(table.check(&to("9999")?).unwrap_err().to_string(), "`account` is `9999`: unknown account");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Account>", into = "Vec<Account>")]
pub struct AccountTable {
    /// By id.
    accounts: Vec<Account>,
}

impl AccountTable {
    /// A table of accounts.
    ///
    /// # Errors
    /// [`Why::Duplicate`] at `accounts[i].id` for an account that is given twice.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Result<Self, Error> {
        let mut table = Self::default();
        for (i, account) in accounts.into_iter().enumerate() {
            match table.accounts.binary_search_by(|known| known.id.cmp(&account.id)) {
                Ok(_) => return Err(Error::invalid(format!("accounts[{i}].id"), &account.id, Why::Duplicate)),
                Err(at) => table.accounts.insert(at, account),
            }
        }
        Ok(table)
    }

    /// The accounts, by id.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// One account.
    #[must_use]
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(self.accounts.binary_search_by(|known| known.id.cmp(id)).ok()?)
    }

    /// Whether discounts can be booked to the account of a coupon.
    ///
    /// # Errors
    /// At the path `account`: [`Why::UnknownReference`], [`Why::NotActive`], [`Why::WrongClass`].
    pub fn check(&self, coupon: &Coupon) -> Result<(), DefinitionErrors> {
        self.check_at(coupon, "account").map_or(Ok(()), |error| Err(DefinitionErrors(vec![error])))
    }

    /// [`AccountTable::check`] for all coupons at once.
    ///
    /// # Errors
    /// The same, of every coupon, at the paths `coupons[i].account`.
    pub fn check_all<'c>(&self, coupons: impl IntoIterator<Item = &'c Coupon>) -> Result<(), DefinitionErrors> {
        let check = |(i, coupon): (usize, &Coupon)| self.check_at(coupon, &format!("coupons[{i}].account"));
        let errors: Vec<FieldError> = coupons.into_iter().enumerate().filter_map(check).collect();
        if errors.is_empty() { Ok(()) } else { Err(DefinitionErrors(errors)) }
    }

    fn check_at(&self, coupon: &Coupon, path: &str) -> Option<FieldError> {
        let id = coupon.account()?;
        let why = match self.get(id) {
            None => Why::UnknownReference { what: "account" },
            Some(account) if !account.active => Why::NotActive,
            Some(account) if !account.class.takes_discounts() => Why::WrongClass { allowed: "R, X or A" },
            Some(_) => return None,
        };
        Some(FieldError::new(path, id, why))
    }
}

impl TryFrom<Vec<Account>> for AccountTable {
    type Error = Error;

    fn try_from(accounts: Vec<Account>) -> Result<Self, Error> {
        Self::new(accounts)
    }
}

impl From<AccountTable> for Vec<Account> {
    fn from(table: AccountTable) -> Self {
        table.accounts
    }
}
