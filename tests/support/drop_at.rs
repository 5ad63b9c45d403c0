//! A call that is dropped in its middle.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Goes on with a call until it was asked so many times whether it has ended, and drops it there; says whether it had.
pub async fn drop_at<F: Future>(call: F, times: usize) -> bool {
    let mut call = pin!(call);
    for _ in 0..times {
        let ended = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
        if ended {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}
