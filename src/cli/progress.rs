//! Says on a terminal how far a long run is.

use crate::workspace::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar is drawn.
const REDRAW: Duration = Duration::from_millis(100);
/// With fewer zones and fewer octets than these, no run is long, and nothing is prepared for it.
const MANY_ZONES: usize = 500;
const MANY_OCTETS: u64 = 16 << 20;

/// A bar, or for one zone a spinner, on standard error. It is gone when this is dropped.
pub(super) struct Progress {
    wanted: bool,
    zones: AtomicUsize,
    done: Arc<AtomicUsize>,
    /// The thread that draws; it ends when the sender is dropped.
    drawing: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, zones: AtomicUsize::new(0), done: Arc::default(), drawing: Mutex::new(None) }
    }

    fn start(&self) {
        let mut drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.wanted || drawing.is_some() {
            return;
        }
        let (end, ended) = channel();
        let (zones, done) = (self.zones.load(Ordering::Relaxed), Arc::clone(&self.done));
        let draw = move || {
            if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = bar(zones).with_elapsed(PATIENCE);
            while ended.recv_timeout(REDRAW) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(done.load(Ordering::Relaxed) as u64);
                bar.tick();
            }
            bar.finish_and_clear();
        };
        *drawing = thread::Builder::new().spawn(draw).ok().map(|thread| (end, thread));
    }
}

fn bar(zones: usize) -> ProgressBar {
    let (bar, template) = match zones {
        0 | 1 => (ProgressBar::new_spinner(), "{spinner} {elapsed}"),
        _ => (ProgressBar::new(zones as u64), "{bar:30} {human_pos} of {human_len} zones"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl Watch for Progress {
    fn zones(&self, count: usize) {
        self.zones.store(count, Ordering::Relaxed);
        if count >= MANY_ZONES {
            self.start();
        }
    }

    fn octets(&self, count: u64) {
        if count >= MANY_OCTETS {
            self.start();
        }
    }

    fn zone_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let drawing = self.drawing.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((end, thread)) = drawing {
            drop(end);
            // What it drew is no result: if it failed, the run did not.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_drawing(progress: &Progress) -> bool {
        progress.drawing.lock().unwrap().is_some()
    }

    #[test]
    fn only_long_runs_on_a_terminal_prepare_a_bar() {
        let small = Progress::new(true);
        small.zones(3);
        small.octets(4096);
        assert!(!is_drawing(&small));
        small.octets(MANY_OCTETS);
        assert!(is_drawing(&small));
        let many = Progress::new(true);
        many.zones(MANY_ZONES);
        assert!(is_drawing(&many));
        let quiet = Progress::new(false);
        quiet.zones(MANY_ZONES);
        quiet.octets(MANY_OCTETS);
        assert!(!is_drawing(&quiet));
    }
}
