//! The split of an amount against a count that takes its time: one cap at a time, from the start after each, and one
//! missing minor unit at a time.

use vouchsafe::{Error, Why, allocate, allocate_capped, allocate_each, allocate_even, split_units};

use crate::bytes::Bytes;

/// The parts, or what found no room.
fn slowly(amount: i64, weights: &[i64], caps: Option<&[i64]>) -> Result<Vec<i64>, u128> {
    let magnitude = u128::from(amount.unsigned_abs());
    let wide = |number: i64| u128::try_from(number).unwrap();
    let mut rest = magnitude;
    let mut parts: Vec<Option<u128>> = weights.iter().map(|w| (*w == 0).then_some(0)).collect();
    loop {
        let free: Vec<usize> = (0..weights.len()).filter(|i| parts[*i].is_none()).collect();
        let sum: u128 = free.iter().map(|i| wide(weights[*i])).sum();
        // The first whose exact quota reaches its cap: its whole part does, since a cap is whole.
        let bound = free.iter().find(|i| caps.is_some_and(|caps| rest * wide(weights[**i]) / sum >= wide(caps[**i])));
        if let (Some(i), Some(caps)) = (bound, caps) {
            parts[*i] = Some(wide(caps[*i]));
            rest -= wide(caps[*i]);
            continue;
        }
        if free.is_empty() {
            break;
        }
        let mut shares: Vec<(u128, u128, usize)> = Vec::new();
        for i in free {
            let product = rest * wide(weights[i]);
            shares.push((product / sum, product % sum, i));
        }
        let mut missing = rest - shares.iter().map(|(quota, ..)| quota).sum::<u128>();
        rest = 0;
        while missing > 0 {
            // The first of those that lost most.
            let most = shares.iter().map(|(_, lost, _)| *lost).max().unwrap();
            let place = shares.iter().position(|(_, lost, _)| *lost == most).unwrap();
            assert!(most > 0, "what divides evenly gets no more");
            (shares[place].0, shares[place].1) = (shares[place].0 + 1, 0);
            missing -= 1;
        }
        for (quota, _, i) in shares {
            parts[i] = Some(quota);
        }
        break;
    }
    if rest > 0 {
        return Err(rest);
    }
    let sign = if amount < 0 { -1 } else { 1 };
    Ok(parts.into_iter().map(|part| sign * i64::try_from(part.unwrap()).unwrap()).collect())
}

fn same(found: Result<Vec<i64>, Error>, amount: i64, weights: &[i64], caps: Option<&[i64]>, even: bool) {
    match (found, slowly(amount, weights, caps)) {
        (Ok(found), Ok(expected)) => {
            assert_eq!(found, expected, "{amount} over {weights:?} under {caps:?}");
            assert_eq!(found.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(amount));
            let over =
                |caps: &[i64]| found.iter().zip(caps).any(|(part, cap)| part.unsigned_abs() > cap.unsigned_abs());
            assert!(!caps.is_some_and(over), "beyond a cap: {amount} over {weights:?} under {caps:?}");
        }
        (Err(Error::Invalid(field)), Err(rest)) => {
            if !even && weights.iter().all(|w| *w == 0) {
                assert_eq!((field.path.as_str(), &field.why), ("weights", &Why::Zero));
            } else {
                let most = u128::from(amount.unsigned_abs()) - rest;
                assert_eq!(field.path, "amount");
                let range =
                    if amount < 0 { (format!("-{most}"), "0".to_owned()) } else { ("0".to_owned(), most.to_string()) };
                assert!(
                    matches!(&field.why, Why::OutOfRange { min, max } if (min, max) == (&range.0, &range.1)),
                    "{field}"
                );
            }
        }
        (found, expected) => panic!("{amount} over {weights:?} under {caps:?}: {found:?} and not {expected:?}"),
    }
}

/// Where no two parts tie, the order of the weights decides nothing.
fn permuted(amount: i64, weights: &[i64], parts: &[i64]) {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let sum: u128 = weights.iter().map(|w| u128::from(w.unsigned_abs())).sum();
    let lost = |w: &i64| u128::from(amount.unsigned_abs()) * u128::from(w.unsigned_abs()) % sum.max(1);
    let mut losses: Vec<u128> = weights.iter().map(lost).collect();
    losses.sort_unstable();
    losses.dedup();
    if losses.len() == weights.len() {
        let backwards: Vec<i64> = weights.iter().rev().copied().collect();
        let mut back = allocate(amount, &backwards).unwrap();
        back.reverse();
        assert_eq!(back, parts, "{amount} over {weights:?}, backwards");
    }
}

fn refused(found: &Result<Vec<i64>, Error>, path: &str) {
    match found {
        Err(Error::Invalid(field)) => assert_eq!((field.path.as_str(), &field.why), (path, &Why::Negative)),
        other => panic!("{path} is negative: {other:?}"),
    }
}

/// An amount over weights, and under caps.
pub fn allocation(data: &[u8]) {
    let bytes = &mut Bytes(data);
    let shape = bytes.byte();
    let mut amount = bytes.number();
    if shape == 0xff {
        // It has no mirror image.
        assert!(matches!(allocate(i64::MIN, &[1]), Err(Error::Overflow { field }) if field == "amount"));
    }
    if shape & 1 == 1 {
        amount = -amount;
    }
    let (mut weights, mut caps) = (Vec::new(), Vec::new());
    while !bytes.is_empty() && weights.len() < 24 {
        // As often as not one that was there before, so that parts tie.
        let weight = match (bytes.byte(), weights.last()) {
            (again, Some(last)) if again & 3 == 0 => *last,
            (0xff, _) => -bytes.number(),
            _ => bytes.number(),
        };
        let cap = match bytes.byte() {
            0xff => -bytes.number(),
            binds if binds & 1 == 0 => bytes.number(),
            _ => weight.max(0),
        };
        weights.push(weight);
        caps.push(cap);
    }
    let negative = |of: &[i64]| of.iter().position(|number| *number < 0);
    match negative(&weights) {
        Some(i) => {
            refused(&allocate(amount, &weights), &format!("weights[{i}]"));
            refused(&allocate_capped(amount, &weights, &caps), &format!("weights[{i}]"));
        }
        None => {
            let found = allocate(amount, &weights);
            if let Ok(parts) = &found {
                permuted(amount, &weights, parts);
                let mirrored: Vec<i64> = parts.iter().map(|part| -part).collect();
                assert_eq!(allocate(-amount, &weights).unwrap(), mirrored);
            }
            same(found, amount, &weights, None, false);
        }
    }
    match (negative(&weights), negative(&caps)) {
        (None, None) => same(allocate_capped(amount, &weights, &caps), amount, &weights, Some(&caps), false),
        (None, Some(i)) => refused(&allocate_capped(amount, &weights, &caps), &format!("caps[{i}]")),
        _ => {}
    }
    if let Some(i) = negative(&caps) {
        refused(&allocate_even(amount, &caps), &format!("caps[{i}]"));
        refused(&allocate_each(amount, &caps), &format!("caps[{i}]"));
    } else {
        same(allocate_even(amount, &caps), amount, &vec![1; caps.len()], Some(&caps), true);
        let each: Vec<i64> =
            caps.iter().map(|cap| if amount.abs() <= *cap { amount } else { amount.signum() * cap }).collect();
        assert_eq!(allocate_each(amount, &caps).unwrap(), each);
    }
    pieces(amount, weights.first().copied().unwrap_or_default().unsigned_abs());
}

/// An amount on the pieces of a line.
fn pieces(amount: i64, quantity: u64) {
    let quantity = u32::try_from(quantity & u64::from(u32::MAX)).unwrap();
    let split = split_units(amount, quantity);
    let ((more, larger), (fewer, smaller)) = (split.larger(), split.smaller());
    let sum = i128::from(more) * i128::from(larger) + i128::from(fewer) * i128::from(smaller);
    assert_eq!((sum, more + fewer), (i128::from(amount), quantity.max(1)));
    assert!(more == 0 || larger - smaller == amount.signum(), "{split:?}");
    let mut told = 0;
    for piece in 0..quantity.clamp(1, 40) {
        assert_eq!(split.first(piece), told, "{split:?}");
        told += split.nth(piece).unwrap();
    }
    assert_eq!(split.nth(quantity.max(1)), None);
    assert_eq!(split.first(u32::MAX), amount);
}
