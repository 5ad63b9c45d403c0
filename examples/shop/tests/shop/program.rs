//! The program itself: what it prints, how it stops, what outlasts it.

use std::process::Stdio;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::client::{Client, boot, total};
use crate::{File, TOKEN};

struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    client: Client,
    address: String,
    opening: String,
}

fn shop() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vouchsafe-shop"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Program {
    async fn start(file: &File) -> Self {
        let mut child = shop()
            .args(["--store", &format!("sqlite:{}", file.0.display()), "--listen", "127.0.0.1:0"])
            .env("SHOP_ADMIN_TOKEN", TOKEN)
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut opening = String::new();
        out.read_line(&mut opening).await.unwrap();
        let address = opening.strip_prefix("open on http://").unwrap().split(',').next().unwrap().to_owned();
        let client = Client::new(address.parse().unwrap());
        Self { child, out, client, address, opening }
    }

    async fn ask_to_stop(&self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    }

    /// Waits until it has stopped, and says what it printed last.
    async fn stopped(mut self) -> String {
        assert!(self.child.wait().await.unwrap().success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).await.unwrap();
        rest
    }
}

/// What was ordered is there after a restart; a request that is being served is finished first.
#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_asked_and_goes_on_where_it_was() {
    let file = File::new();
    let first = Program::start(&file).await;
    assert!(first.opening.contains("SQLite, ") && !first.opening.contains("without an admin"), "{}", first.opening);
    let ann = first.client.shopper("ann");
    ann.define("welcome", "WELCOME10", json!({"total": 1})).await;
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    // The shop is asked to stop when it has seen the head of an order, and waits for the body.
    let order = json!({"basket": boot(&["WELCOME10"]), "seen": quote["seen"], "payment": "tok_visa"}).to_string();
    let head = format!(
        "PUT /orders/o-1 HTTP/1.1\r\nhost: shop\r\nx-customer-id: ann\r\nexpect: 100-continue\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        order.len(),
    );
    let mut browser = BufReader::new(TcpStream::connect(&first.address).await.unwrap());
    browser.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    browser.read_line(&mut line).await.unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    first.ask_to_stop().await;
    browser.write_all(order.as_bytes()).await.unwrap();
    let mut answer = String::new();
    browser.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("HTTP/1.1 201 Created") && answer.contains("\"paid\""), "{answer}");
    assert_eq!(first.stopped().await, "closed\n");

    let second = Program::start(&file).await;
    assert_eq!(second.client.shopper("ann").get("/orders/o-1").await.1["state"], "paid");
    assert_eq!(total(&second.client.shopper("ben").quote("o-2", &["WELCOME10"]).await), "100.00");
    second.ask_to_stop().await;
    assert_eq!(second.stopped().await, "closed\n");
}

#[tokio::test]
async fn options_that_cannot_be_used_are_named_and_help_is_given() {
    let output = shop().arg("--help").output().await.unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("SHOP_ADMIN_TOKEN"));
    let output = shop().args(["--store", "redis:x"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("--store is `redis:x`: not one of sqlite:FILE, postgres:URL\n"), "{told}");
    let output = shop().args(["--store", "sqlite:/nowhere/at/all/shop.db"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("the shop cannot open: the database cannot be used: "), "{told}");
}
