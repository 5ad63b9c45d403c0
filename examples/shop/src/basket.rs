//! What a browser sends: products and quantities, codes as they were typed, and no price.

use serde::{Deserialize, Serialize};
use vouchsafe::{Line, LineId, Order, Quantity, Shop};

use crate::catalogue::Catalogue;
use crate::problem::{self, Field, Problem};

const MOST_LINES: usize = 100;
const MOST_CODES: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Basket {
    lines: Vec<BasketLine>,
    #[serde(default)]
    pub(crate) codes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BasketLine {
    product: String,
    quantity: u64,
}

impl Basket {
    /// The order, at the prices of the catalogue. Every mistake is told at once.
    pub(crate) fn order(&self, shop: &Shop, catalogue: &Catalogue) -> Result<Order, Problem> {
        let mut wrong = Vec::new();
        let mut field = |path: String, why: String| wrong.push(Field { path, why });
        if self.lines.len() > MOST_LINES {
            field("lines".to_owned(), format!("more than {MOST_LINES}"));
        }
        if self.codes.len() > MOST_CODES {
            field("codes".to_owned(), format!("more than {MOST_CODES}"));
        }
        let mut order = Order::builder(shop.policy().currency());
        for ((place, line), id) in self.lines.iter().take(MOST_LINES).enumerate().zip(1..) {
            let quantity = Quantity::pieces(line.quantity);
            if let Err(why) = &quantity {
                field(format!("lines[{place}].quantity"), problem::why(why));
            }
            let listed = catalogue.find(&line.product);
            if listed.is_none() {
                field(format!("lines[{place}].product"), "no such product".to_owned());
            }
            if let (Some((name, product, price)), Ok(quantity)) = (listed, quantity) {
                order = order.line(Line::new(LineId(id), product, quantity, price).with_description(name));
            }
        }
        if wrong.is_empty() { Ok(order.build()?) } else { Err(Problem::Unusable(wrong)) }
    }
}
