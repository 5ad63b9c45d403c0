//! A way to the server that counts how often a client had to wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Counts round trips: how often the client spoke after the server had.
#[derive(Debug, Default)]
pub struct Trips {
    count: AtomicUsize,
    server_spoke: AtomicBool,
}

impl Trips {
    /// How many there were since this was asked last.
    pub fn since_then(&self) -> usize {
        self.server_spoke.store(true, Ordering::SeqCst);
        self.count.swap(0, Ordering::SeqCst)
    }
}

/// A port that leads to the server's.
pub async fn proxy(server: u16) -> (u16, Arc<Trips>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (port, trips) = (listener.local_addr().unwrap().port(), Arc::new(Trips::default()));
    let counted = trips.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            let (asked, answered) = (counted.clone(), counted.clone());
            tokio::spawn(async move {
                let mut bytes = [0; 65_536];
                while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
                    if asked.server_spoke.swap(false, Ordering::SeqCst) {
                        asked.count.fetch_add(1, Ordering::SeqCst);
                    }
                    if to_server.write_all(&bytes[..read]).await.is_err() {
                        return;
                    }
                }
            });
            tokio::spawn(async move {
                let mut bytes = [0; 65_536];
                while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
                    answered.server_spoke.store(true, Ordering::SeqCst);
                    if to_client.write_all(&bytes[..read]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, trips)
}
