//! Tells known codes from unknown, revoked and duplicate ones.

use crate::coupon::{Code, CodeFormat, Validity};
use crate::refusal::Refusal;
use crate::request::{IssuedCode, Presented};

use super::pass::{Candidate, Pass, State, code_of};

/// Looks at each presented code for itself, then for another of the same kind.
pub(super) fn codes(pass: &mut Pass<'_>) {
    each(pass);
    duplicates(pass);
}

/// Looks at each presented code for itself.
pub(super) fn each(pass: &mut Pass<'_>) {
    for (i, presented) in pass.request.codes.iter().enumerate() {
        let index = u32::try_from(i).unwrap_or(u32::MAX);
        let line = presented.line.and_then(|l| pass.order.slot_of(l)).and_then(|s| u32::try_from(s).ok());
        pass.s.candidates.push(Candidate::new(line));
        if !is_known(presented) {
            pass.refuse(index, Refusal::UnknownCode);
        } else if presented.issued.is_some_and(IssuedCode::is_revoked) {
            pass.refuse(index, Refusal::CodeRevoked);
        }
    }
}

/// Whether what was typed is the code that the store answered with. A code that cannot be one at all is unknown like
/// any other.
fn is_known(presented: &Presented<'_>) -> bool {
    let Some(prepared) = presented.coupon else { return false };
    let coupon = prepared.coupon();
    if presented.issued.is_none() && matches!(coupon.validity(), Validity::Countdown(_)) {
        return false;
    }
    code_of(presented).is_some_and(|code| is_typed(presented.entered, code, coupon.code_format()))
}

/// Whether the text, in its canonical form, is this code. Compares without building the form.
fn is_typed(entered: &str, code: &Code, format: CodeFormat) -> bool {
    let mut expected = code.as_str().bytes();
    let entered = entered.trim();
    // A code is ASCII, so no byte of any other character is in it.
    for byte in entered.bytes() {
        if format == CodeFormat::Standard && (byte == b' ' || byte == b'-') {
            continue;
        }
        if expected.next() != Some(byte.to_ascii_uppercase()) {
            return false;
        }
    }
    expected.next().is_none()
}

/// The same code twice: one stays. Which one does not depend on the order in which they were typed.
fn duplicates<'a>(pass: &mut Pass<'a>) {
    if pass.request.codes.len() < 2 {
        return;
    }
    let codes = pass.request.codes;
    let get = |i: &u32| usize::try_from(*i).ok().and_then(|i| codes.get(i));
    let mut by_code = std::mem::take(&mut pass.s.by_code);
    by_code.clear();
    by_code.extend((0_u32..).zip(&pass.s.candidates).filter(|(_, c)| c.state != State::Refused).map(|(i, _)| i));
    by_code.sort_unstable_by(|a, b| {
        let (Some(x), Some(y)) = (get(a), get(b)) else { return a.cmp(b) };
        code_of(x)
            .cmp(&code_of(y))
            .then_with(|| x.line.cmp(&y.line))
            .then_with(|| {
                let figure = |p: &Presented<'_>| p.operator_amount.map(|m| m.minor());
                figure(x).cmp(&figure(y))
            })
            .then_with(|| {
                let figures =
                    |p: &Presented<'a>| p.host_amounts.unwrap_or_default().iter().map(|(l, m)| (*l, m.minor()));
                figures(x).cmp(figures(y))
            })
            .then_with(|| a.cmp(b))
    });
    for pair in by_code.windows(2) {
        if let [first, second] = pair {
            if let (Some(x), Some(y)) = (get(first), get(second)) {
                if code_of(x) == code_of(y) {
                    pass.refuse(*second, Refusal::DuplicateCode);
                }
            }
        }
    }
    pass.s.by_code = by_code;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_compared_in_its_canonical_form() {
        let code = Code::parse("WELCOME10", CodeFormat::Standard).unwrap();
        for good in ["WELCOME10", " welcome10 ", "Wel-come 10", "w-e-l-c-o-m-e-1-0"] {
            assert!(is_typed(good, &code, CodeFormat::Standard), "{good}");
        }
        for bad in ["", "WELCOME1", "WELCOME100", "WELCÖME10", "WELCOME_10", "WELCOME10\u{0}"] {
            assert!(!is_typed(bad, &code, CodeFormat::Standard), "{bad}");
        }
        let imported = Code::parse("a-b c", CodeFormat::Imported).unwrap();
        assert!(is_typed(" A-B C ", &imported, CodeFormat::Imported));
        assert!(!is_typed("ABC", &imported, CodeFormat::Imported));
    }
}
