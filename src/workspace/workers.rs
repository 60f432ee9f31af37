//! The threads that read files and zones.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

/// So many threads, started when there is first more than one thing to do.
#[derive(Clone, Debug)]
pub(super) struct Workers {
    /// None: as many as there are cores, which is not asked for in vain.
    threads: Option<NonZeroUsize>,
    /// None: one thread is enough, or no other could be started.
    pool: Arc<OnceLock<Option<ThreadPool>>>,
}

impl Workers {
    /// So many threads; none: as many as there are cores.
    pub(super) fn new(threads: Option<NonZeroUsize>) -> Self {
        Self { threads, pool: Arc::default() }
    }

    /// Does `work` with every item; the results are in the order of the items.
    pub(super) fn map<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        match self.pool(items.len()) {
            Some(pool) => pool.install(|| items.into_par_iter().map(&work).collect()),
            None => items.into_iter().map(work).collect(),
        }
    }

    /// How many threads there are to be.
    pub(super) fn threads(&self) -> usize {
        let cores = std::thread::available_parallelism;
        self.threads.map_or_else(cores, Ok).map_or(1, NonZeroUsize::get)
    }

    /// How many threads may do so many things.
    pub(super) fn threads_for(&self, items: usize) -> usize {
        if items < 2 { 1 } else { self.threads().min(items) }
    }

    fn pool(&self, items: usize) -> Option<&ThreadPool> {
        if items < 2 {
            return None;
        }
        let start = || {
            let threads = self.threads();
            if threads < 2 {
                return None;
            }
            ThreadPoolBuilder::new().num_threads(threads).build().ok()
        };
        self.pool.get_or_init(start).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<u32> = (0..1000).collect();
        for threads in [None, NonZeroUsize::new(1), NonZeroUsize::new(7)] {
            let workers = Workers::new(threads);
            assert_eq!(workers.map(items.clone(), |item| item), items);
            assert_eq!(workers.map(vec![7], |item| item), [7]);
        }
    }
}
