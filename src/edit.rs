//! Changes of a text that leave every other octet of it alone.
//!
//! A change is a list of [`Edit`](crate::diagnostic::Edit)s of one file. [`apply`] gives the text
//! after them, [`unified()`] shows them as a patch, [`write_all`] puts several changed files in place
//! together, and [`Recovery`] ends what an interruption left half-done. [`uncommitted`] tells which
//! files git could not bring back. Nothing here knows what the text says; of DNS there is only the [`serial`] number.

mod between;
mod git;
pub mod serial;
mod splice;
mod unified;
mod write;

pub use between::between;
pub use git::{GitError, Uncommitted, uncommitted};
pub use splice::{EditError, apply};
pub use unified::unified;
pub use write::{
    Ending, FileChange, FileState, Outcome, Pending, RecoverError, Recovery, Strayed, WriteError, find,
    pending, write_all,
};
