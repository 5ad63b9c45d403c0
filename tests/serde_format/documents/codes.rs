//! How codes are made, told of and guessed.

use chrono::TimeDelta;
use vouchsafe::*;

pub fn patterns() -> Vec<CodePattern> {
    let new = CodePattern::new;
    vec![
        new(),
        new().with_prefix("ski-2026").unwrap(),
        new().with_random(20).unwrap().with_minimum_bits(80).unwrap(),
        new().with_minimum_bits(35).unwrap().with_random(8).unwrap().with_prefix("B2B").unwrap(),
    ]
}

pub fn attempt_policies() -> Vec<AttemptPolicy> {
    vec![AttemptPolicy::default(), AttemptPolicy::new(1, TimeDelta::hours(24)).unwrap()]
}

pub fn attempts() -> Vec<Attempts> {
    let at = parse_instant("2026-03-29T12:00:00.5Z").unwrap();
    let mut tried = Attempts::default();
    AttemptPolicy::default().record(&mut tried, 3, at);
    vec![Attempts::default(), tried]
}

pub fn merge_fields() -> Vec<MergeFields> {
    let issued =
        IssuedCode::new(Code::from_canonical("K7WQ93MX").unwrap(), parse_instant("2026-03-28T12:00:00Z").unwrap());
    let coupon = |validity: &str| -> Coupon {
        let benefits = r#"[{"percent":{"off":"10"}}]"#;
        let json = format!(r#"{{"version":1,"id":"c","validity":{validity},"benefits":{benefits}}}"#);
        serde_json::from_str(&json).unwrap()
    };
    let fields = |validity| MergeFields::new(&coupon(validity), &issued, &Zone::UTC).unwrap();
    vec![fields("{}"), fields(r#"{"thru":"2026-05-31"}"#), fields(r#"{"countdown":{"days":2,"hours":3}}"#)]
}
