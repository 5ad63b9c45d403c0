//! Waiting for a store in a program without a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread, which sleeps until it is woken. For hosts without a runtime.
///
/// The futures of [`MemoryStore`](crate::MemoryStore) are ready at once. Those of a store on a network need the runtime
/// of their driver, and are awaited there.
///
/// ```
/// use vouchsafe::block_on;
///
/// assert_eq!(block_on(async { 6 * 7 }), 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_future_that_is_not_ready_is_polled_again_when_it_wakes() {
        let done = Arc::new(AtomicBool::new(false));
        let mut started = false;
        let answer = block_on(poll_fn(|context| {
            if done.load(Ordering::SeqCst) {
                return Poll::Ready("done");
            }
            if !started {
                started = true;
                let (done, waker) = (done.clone(), context.waker().clone());
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(5));
                    done.store(true, Ordering::SeqCst);
                    waker.wake();
                });
            }
            Poll::Pending
        }));
        assert_eq!(answer, "done");
    }
}
