//! What is particular to PostgreSQL: its server, isolation levels, locks, plans and round trips.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "support/drop_at.rs"]
mod drop_at;
#[path = "postgres/dropped.rs"]
mod dropped;
#[path = "postgres/edits.rs"]
mod edits;
#[path = "postgres/forgets.rs"]
mod forgets;
#[path = "postgres/groups.rs"]
mod groups;
#[path = "postgres/isolation.rs"]
mod isolation;
#[path = "postgres/locks.rs"]
mod locks;
#[path = "postgres/plans.rs"]
mod plans;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "postgres/proxy.rs"]
mod proxy;
#[path = "postgres/scene.rs"]
mod scene;
#[path = "postgres/schema.rs"]
mod schema;
#[path = "postgres/trips.rs"]
mod trips;
