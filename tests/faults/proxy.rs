//! A way to the server that breaks: each connection is cut after so many bytes, wherever that is.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::dice::Dice;

/// A port of the loopback that leads to another one.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    target: u16,
    /// The most bytes that a connection lives for.
    most: u64,
    dice: Mutex<Dice>,
    cuts: AtomicU64,
    closed: AtomicBool,
}

impl Proxy {
    /// Connections live for at most so many bytes, in both directions together.
    pub fn start(target: u16, most: u64, dice: Dice) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (dice, cuts, closed) = (Mutex::new(dice), AtomicU64::new(0), AtomicBool::new(false));
        let shared = Arc::new(Shared { target, most, dice, cuts, closed });
        let of_thread = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming() {
                if of_thread.closed.load(Ordering::SeqCst) {
                    break;
                }
                if let Ok(client) = client {
                    of_thread.connect(client);
                }
            }
        });
        Self { port, shared, accepting: Some(accepting) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections were cut so far.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// From now on nothing is cut.
    pub fn behave(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.behave();
        // Wakes up the thread that waits for connections.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target)) else { return };
        let left = Arc::new(AtomicU64::new(self.dice.lock().unwrap().below(self.most)));
        for (from, to) in [(&client, &server), (&server, &client)] {
            let (shared, left) = (Arc::clone(self), Arc::clone(&left));
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            from.set_nodelay(true).unwrap();
            from.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            std::thread::spawn(move || shared.carry(from, to, &left));
        }
    }

    /// Carries bytes one way until one side ends, or nothing is left to carry.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, left: &AtomicU64) {
        let mut bytes = [0_u8; 4096];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let before =
                left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(read as u64)));
            let whole = before.unwrap_or(0).min(read as u64) as usize;
            if to.write_all(&bytes[..whole]).is_err() {
                break;
            }
            if whole < read {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
