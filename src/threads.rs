//! Work over the parts of a large zone by several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` for each number below `parts`; the results in that order.
pub(crate) fn map<R: Send>(threads: usize, parts: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if threads < 2 || parts < 2 {
        return (0..parts).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return done;
            }
            done.push((part, work(part)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(parts)).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(results) => done.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(part, _)| *part);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Calls `work` for pieces of a slice; the results in the order of the pieces.
pub(crate) fn map_slices<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    const PIECES: usize = 64;
    let len = if threads < 2 { items.len() } else { items.len().div_ceil(PIECES) };
    let pieces: Vec<&[T]> = items.chunks(len.max(1)).collect();
    map(threads, pieces.len(), |piece| pieces.get(piece).copied().map(&work)).into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let items: Vec<u32> = (0..1000).collect();
        for threads in [1, 3] {
            let doubled =
                map_slices(threads, &items, |piece| piece.iter().map(|item| item * 2).collect::<Vec<_>>());
            assert_eq!(doubled.concat(), items.iter().map(|item| item * 2).collect::<Vec<_>>());
            assert_eq!(map(threads, 5, |part| part), [0, 1, 2, 3, 4]);
        }
    }
}
