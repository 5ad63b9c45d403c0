//! The server is killed, or the way to it is cut.

use sqlx::Postgres;

use crate::base::Base;
use crate::books::beside;
use crate::campaign::now;
use crate::crew::{Crew, answers, block, set_up};
use crate::dice::{Dice, rounds, seed};
use crate::postgres::Server;
use crate::proxy::Proxy;
use crate::worker::{Kind, Work};

const WORKERS: usize = 3;
/// How often the server is killed in each round.
const CRASHES: u64 = 3;
/// How many connections are cut in each round.
const CUTS: u64 = 60;

/// Proves S23: what was acknowledged outlasts a crash of the server, and its clients go on by themselves.
#[test]
fn the_server_is_killed_during_load() {
    for round in 0..rounds() {
        let Some(server) = Server::start() else { return };
        let (seed, place) = (seed() + round, server.empty_database().url());
        block(set_up::<Postgres>(&place)).unwrap();
        let untouched = block(beside::<Postgres>(&place));
        let mut crew = Crew::new(Kind::Postgres, &place, WORKERS, Work::Storm, seed);
        crew.start_all();
        crew.go();
        for _ in 0..CRASHES {
            let more = 20 + crew.dice.below(40) as usize;
            crew.wait_for_steps(more);
            server.kill();
            server.restart();
            block(crew.check::<Postgres>(&place));
        }
        for _ in 0..CRASHES {
            // A process of one client dies, and the server throws all clients out.
            crew.wait_for_steps(20);
            block(kill_a_backend(&place));
            crew.wait_for_steps(5);
            block(crew.check::<Postgres>(&place));
        }
        crew.wait_for_steps(20);
        crew.stop();
        let tally = block(crew.settle::<Postgres>(&place));
        let (recorded, refused) = answers(&crew.entries());
        println!(
            "{CRASHES} crashes of the server and {CRASHES} of a backend, seed {seed}: {recorded} recorded, {refused} refused, {tally:?}"
        );
        assert!(tally.in_doubt > 0, "no question was lost");
        assert_eq!(untouched, block(beside::<Postgres>(&place)), "the shop beside it");
    }
}

/// Kills the process of the server that works for one of the workers.
async fn kill_a_backend(place: &str) {
    const BACKENDS: &str = "SELECT CAST(pid AS TEXT) FROM pg_stat_activity \
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()";
    let mut connection = Postgres::open(place).await.unwrap();
    let backends = Postgres::rows_of(&mut connection, BACKENDS).await.unwrap();
    let backend = backends.first().expect("a worker is connected");
    std::process::Command::new("kill").args(["-9", &backend[0]]).status().unwrap();
    drop(connection);
    let begun = now();
    while Postgres::open(place).await.is_err() {
        assert!((now() - begun).num_seconds() < 60, "the server does not recover");
    }
}

/// Proves S23: connections that break between statements, within one, or within its answer.
#[test]
fn connections_are_cut() {
    let Some(server) = crate::postgres::server() else { return };
    for round in 0..rounds() {
        let (seed, database) = (seed() + round, server.empty_database());
        let place = database.url();
        block(set_up::<Postgres>(&place)).unwrap();
        let untouched = block(beside::<Postgres>(&place));
        let proxy = Proxy::start(server.port(), 60_000, Dice::of(seed, &[1]));
        let mut crew = Crew::new(Kind::Postgres, &database.through(proxy.port()).url(), WORKERS, Work::Storm, seed);
        crew.start_all();
        crew.go();
        let mut looks = 0;
        while proxy.cuts() < CUTS {
            crew.wait_for_steps(5);
            if proxy.cuts() >= looks * 10 {
                block(crew.check::<Postgres>(&place));
                looks += 1;
            }
        }
        crew.stop();
        let tally = block(crew.settle::<Postgres>(&place));
        let (recorded, refused) = answers(&crew.entries());
        println!("{} connections cut, seed {seed}: {recorded} recorded, {refused} refused, {tally:?}", proxy.cuts());
        assert!(tally.in_doubt > 0, "no question was lost");
        assert_eq!(untouched, block(beside::<Postgres>(&place)), "the shop beside it");
    }
}
