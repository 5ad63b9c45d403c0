//! An order that has not been checked yet.

use crate::form::DraftValue;
use crate::form::{checked_by, drafts};

use super::Order;
use super::read::read_order;

drafts! {
    /// An order as a host fills it in or as it comes in JSON: plain data, right or wrong.
    ///
    /// Every field holds any value, so that [`check`](Self::check) can report *everything* that is wrong at once, each
    /// with its path, its value and why. Amounts, prices and rates are text, never JSON numbers.
    ///
    /// ```
    /// use vouchsafe::{LineDraft, OrderDraft};
    ///
    /// let mut draft = OrderDraft {
    ///     currency: "USD".into(),
    ///     lines: vec![LineDraft {
    ///         id: 1_u32.into(),
    ///         product: Some("BOOT".into()),
    ///         quantity: 0_u32.into(),
    ///         unit_price: "-1.00".into(),
    ///         ..LineDraft::default()
    ///     }],
    ///     ..OrderDraft::default()
    /// };
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`lines[0].quantity` is `0`: zero; `lines[0].unit_price` is `-1.00`: negative"
    /// );
    ///
    /// draft.lines[0].quantity = 2_u32.into();
    /// draft.lines[0].unit_price = "199.00".into();
    /// assert_eq!(draft.check()?.lines().len(), 1);
    /// # Ok::<(), vouchsafe::DefinitionErrors>(())
    /// ```
    ///
    /// # JSON
    ///
    /// ```
    /// use vouchsafe::OrderDraft;
    ///
    /// let draft: OrderDraft = serde_json::from_str(
    ///     r#"{
    ///         "version": 1,
    ///         "currency": "EUR",
    ///         "prices": "tax_inclusive",
    ///         "lines": [
    ///             {"id": 1, "product": "SKI", "quantity": 1, "unit_price": "305.00", "tax_class": "standard"},
    ///             {"id": 2, "product": {"id": "WAX", "tags": ["care"]}, "quantity": {"measured": "0.25"},
    ///              "unit_price": 12.5}
    ///         ],
    ///         "tax_rates": {"standard": "21", "default": "9"},
    ///         "coupon": "SPRING"
    ///     }"#,
    /// )?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`lines[1].unit_price` is `12.5`: a JSON number, amounts and percentages are strings; \
    ///      `coupon` is `SPRING`: unknown field, known: `version`, `currency`, `prices`, `lines`, `charges`, \
    ///      `tax_rates`, `channel`, `region`, `payment_option`"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OrderDraft version 1 {
        /// The currency of every amount: `"USD"`, or `"PTS:0"` for one of the host's own. Needed.
        currency: DraftValue = "currency",
        /// `"tax_exclusive"` or `"tax_inclusive"`, where the order differs from the policy.
        prices: DraftValue = "prices",
        /// The lines; an empty cart has none.
        lines: Vec<LineDraft> = "lines",
        /// Shipping and fees.
        charges: Vec<ChargeDraft> = "charges",
        /// Percent by tax class: `{"standard": "8.875", "default": "0"}`, where `default` is the rate of lines and
        /// charges without a class. Where any rate is given, every class needs one.
        tax_rates: DraftValue = "tax_rates",
        /// The sales channel or order form.
        channel: DraftValue = "channel",
        /// The region.
        region: DraftValue = "region",
        /// The payment option: an opaque id, never card or bank data.
        payment_option: DraftValue = "payment_option",
    }

    /// A line of an [`OrderDraft`].
    ///
    /// ```
    /// use vouchsafe::LineDraft;
    ///
    /// let line: LineDraft = serde_json::from_str(r#"{"id": 1, "product": "BOOT", "quantity": 2, "unit_price": "30.00"}"#)?;
    /// assert_eq!(line.unit_price, "30.00".into());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct LineDraft {
        /// Its number, unique among lines and charges. Needed.
        id: DraftValue = "id",
        /// The host's own key, handed back as it is.
        key: DraftValue = "key",
        /// Text for the receipt.
        description: DraftValue = "description",
        /// What is sold. Needed. In JSON its id alone will do.
        product: Option<ProductDraft> = "product",
        /// A whole number of pieces, or `{"measured": "1.25"}`. Needed.
        quantity: DraftValue = "quantity",
        /// The list price of one unit. Needed.
        unit_price: DraftValue = "unit_price",
        /// A price agreed with this very customer.
        customer_price: DraftValue = "customer_price",
        /// The lowest price of one unit after coupons.
        floor_price: DraftValue = "floor_price",
        /// Whether coupons may touch the line: `true` unless it says `false`.
        discountable: DraftValue = "discountable",
        /// The tax class.
        tax_class: DraftValue = "tax_class",
        /// Discounts that the shop gave.
        discounts: Vec<ShopDiscountDraft> = "discounts",
        /// How it is billed again and again: a [`Billing`](crate::Billing).
        billing: DraftValue = "billing",
    }

    /// The product of a [`LineDraft`].
    ///
    /// ```
    /// use vouchsafe::ProductDraft;
    ///
    /// let boot: ProductDraft = serde_json::from_str(r#""BOOT""#)?;
    /// assert_eq!(boot, "BOOT".into());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ProductDraft or text in id {
        /// Its id. Needed.
        id: DraftValue = "id",
        /// The product it belongs to.
        parent: DraftValue = "parent",
        /// Its type.
        product_type: DraftValue = "type",
        /// The part of the business that sells it.
        subsystem: DraftValue = "subsystem",
        /// A list of categories.
        categories: DraftValue = "categories",
        /// A list of tags.
        tags: DraftValue = "tags",
        /// Whether its price is already reduced.
        on_sale: DraftValue = "on_sale",
        /// Whether it is a subscription or payment plan.
        subscription: DraftValue = "subscription",
        /// What else is known of it, a value or a list of values by key: `{"brand": "Alpina"}`.
        attributes: DraftValue = "attributes",
    }

    /// A discount that the shop gave, on a [`LineDraft`] or a [`ChargeDraft`].
    ///
    /// ```
    /// use vouchsafe::ShopDiscountDraft;
    ///
    /// let sale: ShopDiscountDraft = serde_json::from_str(r#"{"id": "lamp-week", "amount": "7.90", "account": "4400-SALES"}"#)?;
    /// assert_eq!(sale.amount, "7.90".into());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ShopDiscountDraft {
        /// Its id, unique on the line. Needed.
        id: DraftValue = "id",
        /// Its amount on the whole line, in the currency of the order. Needed.
        amount: DraftValue = "amount",
        /// The account it is booked to.
        account: DraftValue = "account",
        /// Who pays for it: a [`Funding`](crate::Funding); the seller unless it says otherwise.
        funding: DraftValue = "funding",
    }

    /// Shipping or a fee of an [`OrderDraft`].
    ///
    /// ```
    /// use vouchsafe::ChargeDraft;
    ///
    /// let post: ChargeDraft = serde_json::from_str(r#"{"id": 3, "kind": "shipping", "method": "standard", "amount": "6.95"}"#)?;
    /// assert_eq!(post.kind, "shipping".into());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ChargeDraft {
        /// Its number, unique among lines and charges. Needed.
        id: DraftValue = "id",
        /// `"shipping"` or `"fee"`. Needed.
        kind: DraftValue = "kind",
        /// The shipping method; not for a fee.
        method: DraftValue = "method",
        /// Text for the receipt.
        description: DraftValue = "description",
        /// The amount, in the currency of the order. Needed.
        amount: DraftValue = "amount",
        /// The tax class.
        tax_class: DraftValue = "tax_class",
        /// Discounts that the shop gave.
        discounts: Vec<ShopDiscountDraft> = "discounts",
    }
}

checked_by! {
    OrderDraft => Order by read_order;
}

impl From<&str> for ProductDraft {
    fn from(id: &str) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}
