//! A file that is read part by part while it is checked.

use std::fs::File;
use std::io;
use std::sync::OnceLock;
use std::time::SystemTime;

/// An open file of which no more is held in memory than was asked for.
#[derive(Debug)]
pub(super) struct OnDisk {
    file: File,
    /// Its length in octets when it was opened.
    pub(super) len: u64,
    /// All of it, once something needs that.
    pub(super) whole: OnceLock<Vec<u8>>,
    /// When it was last written to.
    modified: Option<SystemTime>,
    fault: OnceLock<String>,
}

impl OnDisk {
    pub(super) fn new(file: File, len: u64) -> Self {
        let modified = file.metadata().and_then(|metadata| metadata.modified()).ok();
        Self { file, len, whole: OnceLock::new(), modified, fault: OnceLock::new() }
    }

    /// The first thing that went wrong, or that the file is no longer what it was when it was opened.
    pub(super) fn fault(&self) -> Option<String> {
        if let Some(fault) = self.fault.get() {
            return Some(fault.clone());
        }
        let now = match self.file.metadata() {
            Ok(now) => now,
            Err(cause) => return Some(cause.to_string()),
        };
        let (before, after) = (self.len, now.len());
        if before != after {
            return Some(format!(
                "changed while it was read, from {before} octets to {after}: run again when it is complete"
            ));
        }
        (now.modified().ok() != self.modified)
            .then(|| String::from("was written to while it was read: run again when it is complete"))
    }

    pub(super) fn whole(&self) -> &[u8] {
        self.whole.get_or_init(|| {
            let mut bytes = Vec::new();
            self.read(0, usize::try_from(self.len).unwrap_or(usize::MAX), &mut bytes);
            bytes
        })
    }

    /// Reads `len` octets from `start` on into the buffer. When that fails the buffer is empty, and
    /// the fault is kept.
    pub(super) fn read(&self, start: u64, len: usize, buffer: &mut Vec<u8>) {
        buffer.resize(len, 0);
        if let Err(cause) = read_at(&self.file, buffer, start) {
            buffer.clear();
            self.fault.get_or_init(|| match cause.kind() {
                io::ErrorKind::UnexpectedEof => {
                    String::from("became shorter while it was read: run again when it is complete")
                }
                _ => cause.to_string(),
            });
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], start: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt as _;
    let mut done = 0;
    while done < buffer.len() {
        match file.seek_read(&mut buffer[done..], start + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}
