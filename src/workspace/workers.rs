//! The threads that read files and zones.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

/// So many things to do are worth several threads, or fewer if they have so many octets: until threads
/// stand, one of them is through with a few small zones.
const MANY: usize = 64;
const MANY_OCTETS: u64 = 256 << 10;

/// So many threads, started when there is first enough to do.
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

    /// Does `work` with every item; the results are in the order of the items. `octets` are how many
    /// each has to do with.
    pub(super) fn map<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        octets: impl Fn(&T) -> u64,
        work: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let pool = if is_worth_it(&items, octets) { self.pool() } else { None };
        match pool {
            Some(pool) => pool.install(|| items.into_par_iter().map(&work).collect()),
            None => items.into_iter().map(work).collect(),
        }
    }

    /// How many threads there are to be.
    pub(super) fn threads(&self) -> usize {
        let cores = std::thread::available_parallelism;
        self.threads.map_or_else(cores, Ok).map_or(1, NonZeroUsize::get)
    }

    /// How many threads these items are worth.
    pub(super) fn threads_for<T>(&self, items: &[T], octets: impl Fn(&T) -> u64) -> usize {
        if is_worth_it(items, octets) { self.threads() } else { 1 }
    }

    fn pool(&self) -> Option<&ThreadPool> {
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

/// Whether several threads are sooner done with these items than one.
fn is_worth_it<T>(items: &[T], octets: impl Fn(&T) -> u64) -> bool {
    let mut sum: u64 = 0;
    let mut are_long = || {
        items.iter().any(|item| {
            sum = sum.saturating_add(octets(item));
            sum >= MANY_OCTETS
        })
    };
    items.len() >= MANY || items.len() > 1 && are_long()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<u32> = (0..1000).collect();
        for threads in [None, NonZeroUsize::new(1), NonZeroUsize::new(7)] {
            let workers = Workers::new(threads);
            assert_eq!(workers.map(items.clone(), |_| 1, |item| item), items);
            assert_eq!(workers.map(vec![7], |_| 1, |item| item), [7]);
        }
    }

    #[test]
    fn threads_are_started_where_there_is_enough_to_do() {
        let starts = |items: usize, octets: u64| {
            let workers = Workers::new(NonZeroUsize::new(3));
            workers.map(vec![(); items], |()| octets, |()| ());
            let is_started = workers.pool.get().is_some_and(Option::is_some);
            assert_eq!(workers.threads_for(&vec![(); items], |()| octets) == 3, is_started);
            is_started
        };
        assert!(!starts(1, MANY_OCTETS) && !starts(10, 1000));
        assert!(starts(2, MANY_OCTETS) && starts(MANY, 1));
    }
}
