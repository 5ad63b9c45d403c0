//! Opens the shop and serves it until it is told to stop.
//!
//! ```sh
//! SHOP_ADMIN_TOKEN=secret cargo run --manifest-path examples/shop/Cargo.toml -- --store sqlite:shop.db
//!
//! curl -X PUT localhost:8080/admin/coupons/welcome -H 'authorization: Bearer secret' -d '{
//!   "version": 1, "id": "welcome", "code": "WELCOME10", "limits": {"total": 100},
//!   "benefits": [{"percent": {"off": "10"}}]}'
//! curl -X POST localhost:8080/quote -H 'x-customer-id: 42' -d '{
//!   "order": "o-1", "basket": {"lines": [{"product": "BOOT", "quantity": 1}], "codes": ["welcome 10"]}}'
//! curl -X PUT localhost:8080/orders/o-1 -H 'x-customer-id: 42' -d '{
//!   "seen": "<as the quote says>", "payment": "tok_visa",
//!   "basket": {"lines": [{"product": "BOOT", "quantity": 1}], "codes": ["welcome 10"]}}'
//! ```

use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use vouchsafe_shop::options::{HELP, Options, USAGE};
use vouchsafe_shop::orders::{Orders, Pools};
use vouchsafe_shop::payment::Payments;
use vouchsafe_shop::{App, AppError, chain, router};

/// Why the shop does not run.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the shop cannot open")]
    Open(#[from] AppError),
    #[error("cannot listen on {address}")]
    Listen { address: String, source: std::io::Error },
    #[error("cannot serve")]
    Serve(#[source] std::io::Error),
}

fn main() -> ExitCode {
    let options = match Options::of(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", chain(&failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    match Pools::connect(&options.store).await.map_err(AppError::from)? {
        Pools::Sqlite(pool) => serve(options, pool).await,
        Pools::Postgres(pool) => serve(options, pool).await,
    }
}

async fn serve<D: Orders>(options: &Options, pool: sqlx::Pool<D>) -> Result<(), Failure> {
    let namespace = std::env::var("SHOP_NAMESPACE").unwrap_or_else(|_| "shop".to_owned());
    let token = std::env::var("SHOP_ADMIN_TOKEN").ok();
    let admin = if token.is_some() { "" } else { ", without an admin: SHOP_ADMIN_TOKEN is not set" };
    let app = App::open(pool.clone(), &namespace, token, Arc::new(Payments::default())).await?;

    let listen = |source| Failure::Listen { address: options.listen.to_string(), source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    println!("open on http://{address}, {}{admin}", options.store);
    axum::serve(listener, router(app)).with_graceful_shutdown(asked_to_stop()).await.map_err(Failure::Serve)?;
    pool.close().await;
    println!("closed");
    Ok(())
}

/// Ready when somebody presses Ctrl-C, or sends SIGTERM.
async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
