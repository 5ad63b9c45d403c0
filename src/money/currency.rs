//! Currencies: the code, and how many decimals an amount has.

use std::fmt;
use std::str::FromStr;

use super::decimal::power_of_ten;
use crate::error::{Error, Why};

/// A currency: its code and its exponent, the number of decimals of its minor unit.
///
/// The exponent is 2 for USD (cents), 0 for JPY, 3 for KWD and 4 for CLF, and nothing in this crate assumes another
/// source for it. All ISO 4217 currencies with a minor unit are constants; a host with points, tokens or vouchers of its
/// own makes a currency by [`Currency::own`]. Eight bytes, copied freely.
///
/// ```
/// use vouchsafe::Currency;
///
/// assert_eq!(Currency::iso("KWD")?, Currency::KWD);
/// assert_eq!(Currency::KWD.exponent(), 3);
/// assert_eq!(Currency::JPY.minor_per_major(), 1);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Text and JSON
///
/// An ISO currency is its code. A currency of the host's own carries its exponent, so that the text alone is enough to
/// read an amount; being one string it can be a key of a JSON object.
///
/// ```
/// use vouchsafe::Currency;
///
/// assert_eq!(Currency::EUR.to_string(), "EUR");
/// let points = Currency::own("PTS", 0)?;
/// assert_eq!(points.to_string(), "PTS:0");
/// assert_eq!("PTS:0".parse::<Currency>()?, points);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    /// The code in ASCII, filled up with zeros.
    code: [u8; 7],
    exponent: u8,
}

macro_rules! iso_4217 {
    ($($code:ident $exponent:literal $name:literal,)*) => {
        /// The currencies of ISO 4217.
        impl Currency {
            $(
                #[doc = concat!($name, ", ", stringify!($exponent), " decimals.")]
                pub const $code: Self = Self::listed(stringify!($code), $exponent);
            )*
        }

        /// All of them, sorted by code.
        static ISO: &[Currency] = &[$(Currency::$code,)*];
    };
}

// Source: ISO 4217 list one (currencies and funds) as maintained by SIX, including XAD and XCG of 2025. ANG and BGN were
// withdrawn in 2025 and 2026 and stay, so that stored orders remain readable. Entries without a minor unit (gold,
// special drawing rights, the test code) are not currencies one can price in and are left to `Currency::own`.
iso_4217! {
    AED 2 "UAE dirham",
    AFN 2 "Afghani",
    ALL 2 "Lek",
    AMD 2 "Armenian dram",
    ANG 2 "Netherlands Antillean guilder (withdrawn)",
    AOA 2 "Kwanza",
    ARS 2 "Argentine peso",
    AUD 2 "Australian dollar",
    AWG 2 "Aruban florin",
    AZN 2 "Azerbaijan manat",
    BAM 2 "Convertible mark",
    BBD 2 "Barbados dollar",
    BDT 2 "Taka",
    BGN 2 "Bulgarian lev (withdrawn)",
    BHD 3 "Bahraini dinar",
    BIF 0 "Burundi franc",
    BMD 2 "Bermudian dollar",
    BND 2 "Brunei dollar",
    BOB 2 "Boliviano",
    BOV 2 "Mvdol (funds code)",
    BRL 2 "Brazilian real",
    BSD 2 "Bahamian dollar",
    BTN 2 "Ngultrum",
    BWP 2 "Pula",
    BYN 2 "Belarusian ruble",
    BZD 2 "Belize dollar",
    CAD 2 "Canadian dollar",
    CDF 2 "Congolese franc",
    CHE 2 "WIR euro",
    CHF 2 "Swiss franc",
    CHW 2 "WIR franc",
    CLF 4 "Unidad de fomento (funds code)",
    CLP 0 "Chilean peso",
    CNY 2 "Yuan renminbi",
    COP 2 "Colombian peso",
    COU 2 "Unidad de valor real (funds code)",
    CRC 2 "Costa Rican colon",
    CUP 2 "Cuban peso",
    CVE 2 "Cabo Verde escudo",
    CZK 2 "Czech koruna",
    DJF 0 "Djibouti franc",
    DKK 2 "Danish krone",
    DOP 2 "Dominican peso",
    DZD 2 "Algerian dinar",
    EGP 2 "Egyptian pound",
    ERN 2 "Nakfa",
    ETB 2 "Ethiopian birr",
    EUR 2 "Euro",
    FJD 2 "Fiji dollar",
    FKP 2 "Falkland Islands pound",
    GBP 2 "Pound sterling",
    GEL 2 "Lari",
    GHS 2 "Ghana cedi",
    GIP 2 "Gibraltar pound",
    GMD 2 "Dalasi",
    GNF 0 "Guinean franc",
    GTQ 2 "Quetzal",
    GYD 2 "Guyana dollar",
    HKD 2 "Hong Kong dollar",
    HNL 2 "Lempira",
    HTG 2 "Gourde",
    HUF 2 "Forint",
    IDR 2 "Rupiah",
    ILS 2 "New Israeli sheqel",
    INR 2 "Indian rupee",
    IQD 3 "Iraqi dinar",
    IRR 2 "Iranian rial",
    ISK 0 "Iceland krona",
    JMD 2 "Jamaican dollar",
    JOD 3 "Jordanian dinar",
    JPY 0 "Yen",
    KES 2 "Kenyan shilling",
    KGS 2 "Som",
    KHR 2 "Riel",
    KMF 0 "Comorian franc",
    KPW 2 "North Korean won",
    KRW 0 "Won",
    KWD 3 "Kuwaiti dinar",
    KYD 2 "Cayman Islands dollar",
    KZT 2 "Tenge",
    LAK 2 "Lao kip",
    LBP 2 "Lebanese pound",
    LKR 2 "Sri Lanka rupee",
    LRD 2 "Liberian dollar",
    LSL 2 "Loti",
    LYD 3 "Libyan dinar",
    MAD 2 "Moroccan dirham",
    MDL 2 "Moldovan leu",
    MGA 2 "Malagasy ariary",
    MKD 2 "Denar",
    MMK 2 "Kyat",
    MNT 2 "Tugrik",
    MOP 2 "Pataca",
    MRU 2 "Ouguiya",
    MUR 2 "Mauritius rupee",
    MVR 2 "Rufiyaa",
    MWK 2 "Malawi kwacha",
    MXN 2 "Mexican peso",
    MXV 2 "Mexican unidad de inversion (funds code)",
    MYR 2 "Malaysian ringgit",
    MZN 2 "Mozambique metical",
    NAD 2 "Namibia dollar",
    NGN 2 "Naira",
    NIO 2 "Cordoba oro",
    NOK 2 "Norwegian krone",
    NPR 2 "Nepalese rupee",
    NZD 2 "New Zealand dollar",
    OMR 3 "Rial Omani",
    PAB 2 "Balboa",
    PEN 2 "Sol",
    PGK 2 "Kina",
    PHP 2 "Philippine peso",
    PKR 2 "Pakistan rupee",
    PLN 2 "Zloty",
    PYG 0 "Guarani",
    QAR 2 "Qatari rial",
    RON 2 "Romanian leu",
    RSD 2 "Serbian dinar",
    RUB 2 "Russian ruble",
    RWF 0 "Rwanda franc",
    SAR 2 "Saudi riyal",
    SBD 2 "Solomon Islands dollar",
    SCR 2 "Seychelles rupee",
    SDG 2 "Sudanese pound",
    SEK 2 "Swedish krona",
    SGD 2 "Singapore dollar",
    SHP 2 "Saint Helena pound",
    SLE 2 "Leone",
    SOS 2 "Somali shilling",
    SRD 2 "Surinam dollar",
    SSP 2 "South Sudanese pound",
    STN 2 "Dobra",
    SVC 2 "El Salvador colon",
    SYP 2 "Syrian pound",
    SZL 2 "Lilangeni",
    THB 2 "Baht",
    TJS 2 "Somoni",
    TMT 2 "Turkmenistan new manat",
    TND 3 "Tunisian dinar",
    TOP 2 "Pa'anga",
    TRY 2 "Turkish lira",
    TTD 2 "Trinidad and Tobago dollar",
    TWD 2 "New Taiwan dollar",
    TZS 2 "Tanzanian shilling",
    UAH 2 "Hryvnia",
    UGX 0 "Uganda shilling",
    USD 2 "US dollar",
    USN 2 "US dollar, next day (funds code)",
    UYI 0 "Uruguay peso en unidades indexadas (funds code)",
    UYU 2 "Peso uruguayo",
    UYW 4 "Unidad previsional (funds code)",
    UZS 2 "Uzbekistan sum",
    VED 2 "Bolivar soberano, digital",
    VES 2 "Bolivar soberano",
    VND 0 "Dong",
    VUV 0 "Vatu",
    WST 2 "Tala",
    XAD 2 "Arab accounting dinar",
    XAF 0 "CFA franc BEAC",
    XCD 2 "East Caribbean dollar",
    XCG 2 "Caribbean guilder",
    XOF 0 "CFA franc BCEAO",
    XPF 0 "CFP franc",
    YER 2 "Yemeni rial",
    ZAR 2 "Rand",
    ZMW 2 "Zambian kwacha",
    ZWG 2 "Zimbabwe gold",
}

impl Currency {
    /// The most decimals a currency may have.
    pub const MAX_EXPONENT: u8 = 9;

    /// An entry of the table above. A code of another length would read as an empty code, which a test rules out.
    const fn listed(code: &str, exponent: u8) -> Self {
        let code = match code.as_bytes() {
            &[a, b, c] => [a, b, c, 0, 0, 0, 0],
            _ => [0; 7],
        };
        Self { code, exponent }
    }

    /// The ISO 4217 currency of this code, in upper case.
    ///
    /// # Errors
    /// [`Why::UnknownCurrency`] at the path `currency`.
    ///
    /// ```
    /// use vouchsafe::Currency;
    ///
    /// assert_eq!(Currency::iso("JPY")?.exponent(), 0);
    /// assert!(Currency::iso("jpy").is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn iso(code: &str) -> Result<Self, Error> {
        Self::find(code).ok_or_else(|| Error::invalid("currency", code, Why::UnknownCurrency))
    }

    fn find(code: &str) -> Option<Self> {
        let at = ISO.binary_search_by(|currency| currency.code().cmp(code)).ok()?;
        ISO.get(at).copied()
    }

    /// Every ISO 4217 currency this release knows, sorted by code.
    ///
    /// ```
    /// use vouchsafe::Currency;
    ///
    /// assert!(Currency::iso_all().any(|c| c == Currency::CLF));
    /// ```
    pub fn iso_all() -> impl Iterator<Item = Self> {
        ISO.iter().copied()
    }

    /// A currency of the host's own: loyalty points, tokens, meal vouchers.
    ///
    /// The code has 3 to 7 characters of A-Z and 0-9 and starts with a letter; the exponent is 0 to 9. An ISO code is
    /// refused, because its exponent is not for the host to choose.
    ///
    /// # Errors
    /// At the path `currency`: [`Why::OutOfRange`] (length or exponent), [`Why::WrongCharacter`], [`Why::Duplicate`] (an
    /// ISO code).
    ///
    /// ```
    /// use vouchsafe::Currency;
    ///
    /// let points = Currency::own("PTS", 0)?;
    /// assert_eq!((points.code(), points.exponent()), ("PTS", 0));
    /// assert!(Currency::own("USD", 3).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn own(code: &str, exponent: u8) -> Result<Self, Error> {
        Self::own_or_why(code, exponent)
            .map_err(|why| Error::invalid("currency", format_args!("{code}:{exponent}"), why))
    }

    fn own_or_why(code: &str, exponent: u8) -> Result<Self, Why> {
        let allowed = |(i, c): (usize, char)| c.is_ascii_uppercase() || (i > 0 && c.is_ascii_digit());
        if let Some((i, character)) = code.chars().enumerate().find(|&at| !allowed(at)) {
            return Err(Why::WrongCharacter { character, position: i.saturating_add(1) });
        }
        let mut bytes = [0; 7];
        match bytes.get_mut(..code.len()) {
            Some(start) if code.len() >= 3 => start.copy_from_slice(code.as_bytes()),
            _ => return Err(Why::OutOfRange { min: "3 characters".to_owned(), max: "7 characters".to_owned() }),
        }
        if exponent > Self::MAX_EXPONENT {
            let max = format!("{} decimals", Self::MAX_EXPONENT);
            return Err(Why::OutOfRange { min: "0".to_owned(), max });
        }
        if Self::find(code).is_some() {
            return Err(Why::Duplicate);
        }
        Ok(Self { code: bytes, exponent })
    }

    /// The currency of this text, or why there is none: for readers that know the path themselves.
    pub(crate) fn from_text(text: &str) -> Result<Self, Why> {
        match text.split_once(':') {
            None => Self::find(text).ok_or(Why::UnknownCurrency),
            Some((code, exponent)) => match exponent.as_bytes() {
                [digit @ b'0'..=b'9'] => Self::own_or_why(code, digit.wrapping_sub(b'0')),
                _ => Err(Why::UnknownCurrency),
            },
        }
    }

    /// The code, without the exponent.
    #[must_use]
    pub fn code(&self) -> &str {
        // Zero bytes only fill up; the rest is ASCII by construction.
        let text = self.code.split(|byte| *byte == 0).next().unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// How many decimals an amount has: 2 for USD, 0 for JPY, 3 for KWD.
    #[inline]
    #[must_use]
    pub fn exponent(self) -> u8 {
        self.exponent
    }

    /// How many minor units make one major unit: 100 for USD, 1 for JPY.
    #[inline]
    #[must_use]
    pub fn minor_per_major(self) -> i64 {
        // The exponent is at most 9 by construction.
        power_of_ten(self.exponent).unwrap_or(1)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if Self::find(self.code()).is_some() {
            f.write_str(self.code())
        } else {
            write!(f, "{}:{}", self.code(), self.exponent)
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Currency {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("currency", text, why))
    }
}

super::text_serde!(Currency, "a currency code such as \"USD\", or \"PTS:0\" for a currency of one's own");

#[cfg(test)]
mod tests {
    use super::*;

    /// Trap 6: minor units hard-coded as two.
    #[test]
    fn exponents_of_iso_4217() {
        for (code, exponent) in [
            ("USD", 2),
            ("EUR", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("ISK", 0),
            ("HUF", 2),
            ("KWD", 3),
            ("TND", 3),
            ("CLF", 4),
            ("UYW", 4),
        ] {
            assert_eq!(Currency::iso(code).unwrap().exponent(), exponent, "{code}");
        }
        let of = |exponent| {
            Currency::iso_all().filter(|c| c.exponent() == exponent).map(|c| c.to_string()).collect::<Vec<_>>()
        };
        let none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
        assert_eq!(of(0).join(" "), none);
        assert_eq!(of(3).join(" "), "BHD IQD JOD KWD LYD OMR TND");
        assert_eq!(of(4).join(" "), "CLF UYW");
        assert_eq!(of(2).len() + 17 + 7 + 2, Currency::iso_all().count());
    }

    #[test]
    fn the_table_is_sorted_and_every_entry_is_found() {
        assert!(ISO.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for currency in Currency::iso_all() {
            assert_eq!(currency.code().len(), 3);
            assert_eq!(Currency::iso(currency.code()).unwrap(), currency);
            assert_eq!(currency.to_string().parse::<Currency>().unwrap(), currency);
        }
        assert_eq!(Currency::iso("TRY").unwrap(), Currency::TRY);
        assert_eq!(Currency::iso_all().count(), 167);
    }

    #[test]
    fn what_is_no_iso_code() {
        for text in ["", "US", "USDX", "usd", " USD", "USD ", "XAU", "XTS", "\u{20ac}", "USD:2"] {
            assert!(Currency::iso(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_currency_of_ones_own_is_checked() {
        for (code, exponent) in [("PTS", 0), ("MILES", 0), ("TOKEN12", 9), ("XAU", 4), ("A00", 2)] {
            let currency = Currency::own(code, exponent).unwrap();
            assert_eq!((currency.code(), currency.exponent()), (code, exponent));
            assert_eq!(currency.to_string(), format!("{code}:{exponent}"));
            assert_eq!(currency.to_string().parse::<Currency>().unwrap(), currency);
        }
        let why = |code, exponent| Currency::own_or_why(code, exponent).unwrap_err();
        assert_eq!(why("USD", 2), Why::Duplicate);
        assert_eq!(why("pts", 2), Why::WrongCharacter { character: 'p', position: 1 });
        assert_eq!(why("1TS", 2), Why::WrongCharacter { character: '1', position: 1 });
        assert_eq!(why("PT\u{20ac}", 2), Why::WrongCharacter { character: '\u{20ac}', position: 3 });
        for (code, exponent) in [("", 0), ("PT", 0), ("EIGHTLTR", 0), ("PTS", 10)] {
            assert!(matches!(why(code, exponent), Why::OutOfRange { .. }), "{code}:{exponent}");
        }
        for text in ["PTS", "PTS:", "PTS:10", "PTS:00", "PTS:-1", "PTS:0:0", ":0", "USD:2"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_exponent_is_part_of_the_currency() {
        assert_ne!(Currency::own("PTS", 0).unwrap(), Currency::own("PTS", 2).unwrap());
        assert_eq!(Currency::own("PTS", 9).unwrap().minor_per_major(), 1_000_000_000);
        assert_eq!(size_of::<Currency>(), 8);
    }

    #[test]
    fn json_is_one_string_and_can_be_a_key() {
        use std::collections::BTreeMap;
        let map = BTreeMap::from([(Currency::USD, 1), (Currency::own("PTS", 0).unwrap(), 2)]);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(json, r#"{"PTS:0":2,"USD":1}"#);
        assert_eq!(serde_json::from_str::<BTreeMap<Currency, i32>>(&json).unwrap(), map);
        let error = serde_json::from_str::<Currency>("\"USX\"").unwrap_err().to_string();
        assert!(error.starts_with("`currency` is `USX`: not a known currency"), "{error}");
        assert!(serde_json::from_str::<Currency>("840").is_err());
    }
}
