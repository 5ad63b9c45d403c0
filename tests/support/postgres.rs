//! A PostgreSQL server of the tests' own: made in a temporary directory, on a free port of the loopback, started once for
//! each test binary, stopped and removed when that binary ends, however it ends.
//!
//! ```text
//! #[path = "support/postgres.rs"]
//! mod postgres;
//!
//! let Some(server) = postgres::server() else { return };
//! let database = server.database();
//! let mut connection = database.connect().await;
//! ```
//!
//! Where no PostgreSQL is installed it says so on the terminal and hands out nothing; with `CI` set it fails instead.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses another part of it")]

use std::future::Future;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use vouchsafe::PostgresStore;

/// The one server of this test binary; none where PostgreSQL is not installed.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// How much a server does for data that must outlast a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// What is committed outlasts the server, not the machine: as good as the other for tests, and faster.
    Quick,
    /// As in production: for measurements.
    Durable,
}

/// A server with its files.
#[derive(Debug)]
pub struct Server {
    binaries: PathBuf,
    directory: PathBuf,
    port: u16,
    settings: Settings,
    running: Mutex<Option<Guardian>>,
    template: OnceLock<()>,
    databases: AtomicU64,
}

/// A shell that stops the server and removes its files as soon as nobody holds the other end of its input any more: so it
/// outlives a test binary that panics, is killed, or just ends.
#[derive(Debug)]
struct Guardian {
    shell: Child,
    input: Option<ChildStdin>,
}

const GUARDIAN: &str = r#"
directory=$1; shift
"$@" </dev/null >>"$directory/log" 2>&1 &
read -r word
kill -INT $! 2>/dev/null
wait $!
[ "$word" = keep ] || rm -rf "$directory"
"#;

impl Server {
    /// A server of its own, for tests that kill it; the others share [`server`].
    pub fn start() -> Option<Self> {
        Self::start_with(Settings::Quick)
    }

    /// A server with these settings; none where PostgreSQL is not installed.
    pub fn start_with(settings: Settings) -> Option<Self> {
        let Some(binaries) = binaries() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed, and CI must have it");
            let note = "\nNOT TESTED: PostgreSQL is not installed (no `initdb` in PATH or /usr/lib/postgresql).\n";
            std::io::stderr().write_all(note.as_bytes()).unwrap();
            return None;
        };
        let directory = fresh_directory();
        let server = Self {
            binaries,
            directory,
            port: free_port(),
            settings,
            running: Mutex::new(None),
            template: OnceLock::new(),
            databases: AtomicU64::new(0),
        };
        server.initialise();
        server.run();
        Some(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server wrote down.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// A database of its own, with all tables, as for each test.
    pub fn database(&self) -> Database {
        self.template.get_or_init(|| {
            self.create("coupon_template", "template1");
            let template = self.named("coupon_template");
            block(async move {
                let mut connection = template.connect().await;
                PostgresStore::migrate(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            });
        });
        self.copy_of("coupon_template")
    }

    /// A database of its own without any table.
    pub fn empty_database(&self) -> Database {
        self.copy_of("template1")
    }

    fn copy_of(&self, template: &str) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create(&name, template);
        self.named(&name)
    }

    fn named(&self, name: &str) -> Database {
        Database { port: self.port, name: name.to_owned() }
    }

    /// The name is one of ours, so that it may stand in the statement.
    fn create(&self, name: &str, template: &str) {
        let (owner, statement) = (self.named("postgres"), format!("CREATE DATABASE {name} TEMPLATE {template}"));
        block(async move {
            let mut connection = owner.connect().await;
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// Kills the server with all of its processes, as a crash does. What was not committed is gone.
    pub fn kill(&self) {
        let mut running = self.running();
        let pid = self.pid();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let all = std::iter::once(pid.as_str()).chain(children.split_whitespace());
        // A child may have gone by itself meanwhile, and says so.
        Command::new("kill").arg("-9").args(all).stderr(Stdio::null()).status().unwrap();
        let guardian = running.take().unwrap();
        guardian.end("keep\n");
    }

    /// Starts the server again on the same port, with what was committed before.
    pub fn restart(&self) {
        let running = self.running().take();
        if let Some(guardian) = running {
            guardian.end("keep\n");
        }
        self.run();
    }

    /// The process of the server.
    fn pid(&self) -> String {
        let text = std::fs::read_to_string(self.directory.join("data/postmaster.pid")).unwrap();
        text.lines().next().unwrap().to_owned()
    }

    fn running(&self) -> MutexGuard<'_, Option<Guardian>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn initialise(&self) {
        if is_root() {
            // The server refuses to run as root.
            let status = Command::new("chown").arg("postgres").arg(&self.directory).status().unwrap();
            assert!(status.success(), "there is no user `postgres` to run the server as");
        }
        let made = self
            .server_command("initdb")
            .args(["--username=vouchsafe", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
            .arg(self.directory.join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn run(&self) {
        let mut running = self.running();
        let asked = Instant::now();
        loop {
            let mut guardian = Guardian::start(&self.directory, &self.server_arguments());
            if self.answers(&mut guardian) {
                *running = Some(guardian);
                return;
            }
            // Processes of a server that was killed may still hold its memory.
            guardian.end("keep\n");
            let log = || std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(asked.elapsed() < Duration::from_secs(60), "the server does not start:\n{}", log());
        }
    }

    /// Whether the server takes connections, or has ended by itself.
    fn answers(&self, guardian: &mut Guardian) -> bool {
        let ready = self.directory.join("data/postmaster.pid");
        for _ in 0..600 {
            let status = std::fs::read_to_string(&ready).unwrap_or_default();
            let of_this = status.lines().next().is_some_and(|pid| guardian.started(pid));
            if of_this && status.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
            }
            std::thread::sleep(Duration::from_millis(50));
            if !guardian.has_server() {
                return false;
            }
        }
        false
    }

    fn server_arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = vec![self.binaries.join("postgres").to_string_lossy().into_owned()];
        if is_root() {
            let as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
            arguments.splice(0..0, as_postgres.map(str::to_owned));
        }
        arguments.extend(["-D".to_owned(), self.directory.join("data").to_string_lossy().into_owned()]);
        let port = format!("port={}", self.port);
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            port.as_str(),
            "unix_socket_directories=",
            "max_connections=300",
            "shared_buffers=64MB",
            "log_min_messages=fatal",
            "log_min_error_statement=fatal",
        ];
        match self.settings {
            Settings::Quick => settings.extend(["fsync=off", "full_page_writes=off"]),
            Settings::Durable => settings.push("max_wal_size=2GB"),
        }
        arguments.extend(settings.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]));
        arguments
    }

    /// A program of the server, as the user who owns its files.
    fn server_command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(guardian) = self.running().take() {
            guardian.end("");
        }
    }
}

impl Guardian {
    fn start(directory: &Path, server: &[String]) -> Self {
        use std::os::unix::process::CommandExt;

        let mut shell = Command::new("sh")
            .args(["-c", GUARDIAN, "sh"])
            .arg(directory)
            .args(server)
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // An interrupt at the terminal ends the tests first, and through them the server.
            .process_group(0)
            .spawn()
            .unwrap();
        let input = shell.stdin.take();
        Self { shell, input }
    }

    /// Whether the process is the server that this shell started.
    fn started(&self, pid: &str) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).map(str::trim);
        // Without /proc there is nothing to tell an old file by.
        !Path::new("/proc/self").exists() || parent == Some(&self.shell.id().to_string())
    }

    fn has_server(&mut self) -> bool {
        let pid = self.shell.id();
        match std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
            Ok(children) => !children.trim().is_empty(),
            Err(_) => true,
        }
    }

    /// Tells it the word, and waits until the server is gone.
    fn end(mut self, word: &str) {
        if let Some(mut input) = self.input.take() {
            // It may be gone with the server.
            let _ = input.write_all(word.as_bytes());
        }
        self.shell.wait().unwrap();
    }
}

/// One database of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    port: u16,
    name: String,
}

impl Database {
    /// For programs that take an address.
    pub fn url(&self) -> String {
        format!("postgres://vouchsafe@127.0.0.1:{}/{}", self.port, self.name)
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new()
            .host("127.0.0.1")
            .port(self.port)
            .username("vouchsafe")
            .database(&self.name)
            .disable_statement_logging()
    }

    /// The same database through another port: that of a proxy which cuts connections, say.
    #[must_use]
    pub fn through(&self, port: u16) -> Self {
        Self { port, name: self.name.clone() }
    }

    pub async fn connect(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }
}

/// Waits for a future on a thread and a runtime of its own, so that tests with and without a runtime can call it.
fn block<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
    std::thread::scope(|scope| scope.spawn(run).join().unwrap())
}

/// Where the programs of the server lie: in PATH, or where Debian puts them, the latest version first.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    let number = |bin: &PathBuf| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    versions.sort_by_key(|bin| std::cmp::Reverse(number(bin)));
    std::env::split_paths(&path)
        .chain(versions)
        .find(|bin| ["initdb", "postgres"].iter().all(|program| bin.join(program).is_file()))
}

fn fresh_directory() -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("vouchsafe-postgres-{}-{count}", std::process::id()));
    // Left by a process of the same number that was killed together with its guardian.
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir(&directory).unwrap();
    directory
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0"))
}
