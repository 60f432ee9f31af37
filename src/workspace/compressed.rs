//! Files that are compressed by gzip (RFC 1952) or Zstandard (RFC 8878), known by their first octets.
//!
//! Both decoders are written in Rust, so that building this program needs no C compiler.

use super::MAX_FILE;
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::fmt;
use std::io::{self, Read as _};

/// What a small file may grow to, in octets.
const SMALL: u64 = 64 << 20;
/// How many times its size a larger file may grow to. Zone files shrink to a tenth, seldom to a
/// fiftieth.
const GROWTH: u64 = 200;
/// How much of a Zstandard frame is unpacked before the limit is looked at, in octets.
const STEP: usize = 1 << 20;

/// Why a compressed file could not be unpacked.
#[derive(Debug)]
pub(super) enum Damage {
    /// It is not what its first octets say.
    Broken(&'static str, String),
    /// It ends too early.
    CutShort(&'static str),
    /// It grows beyond this many octets.
    TooLarge(&'static str, u64),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(kind, why) => write!(f, "is damaged {kind} data: {why}"),
            Self::CutShort(kind) => write!(f, "is {kind} data that ends too early: the file is incomplete"),
            Self::TooLarge(kind, limit) => write!(
                f,
                "is {kind} data that unpacks to over {limit} octets, {GROWTH} times its size or more than is read: \
                 unpack it first if that is meant"
            ),
        }
    }
}

/// The name of a file without what says that it is compressed.
pub(super) fn plain_name(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

/// Whether a file that begins so is compressed.
pub(super) fn is_packed(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x8b, 8, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The octets that a compressed file stands for; none when it is not compressed.
pub(super) fn unpack(packed: &[u8]) -> Option<Result<Vec<u8>, Damage>> {
    let limit = SMALL.max(GROWTH * packed.len() as u64).min(MAX_FILE);
    match packed {
        [0x1f, 0x8b, 8, ..] => Some(gzip(packed, limit)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(zstandard(packed, limit)),
        _ => None,
    }
}

/// Not a part of its caller: decoders lay claim to much of the stack, which plain files have no use for.
#[inline(never)]
fn gzip(packed: &[u8], limit: u64) -> Result<Vec<u8>, Damage> {
    let kind = "gzip";
    let mut text = Vec::new();
    match MultiGzDecoder::new(packed).take(limit + 1).read_to_end(&mut text) {
        Ok(_) if text.len() as u64 > limit => Err(Damage::TooLarge(kind, limit)),
        Ok(_) => Ok(text),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Err(Damage::CutShort(kind)),
        Err(cause) => Err(Damage::Broken(kind, cause.to_string())),
    }
}

/// Not a part of its caller, as [`gzip`] is not.
#[inline(never)]
fn zstandard(packed: &[u8], limit: u64) -> Result<Vec<u8>, Damage> {
    let kind = "Zstandard";
    let mut decoder = FrameDecoder::new();
    let mut text = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        match decoder.init(&mut rest) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                rest = rest.get(length as usize..).ok_or(Damage::CutShort(kind))?;
                continue;
            }
            Err(cause) => return Err(damage(kind, rest, &cause)),
        }
        while !decoder.is_finished() {
            decoder
                .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBytes(STEP))
                .map_err(|cause| damage(kind, rest, &cause))?;
            collect(&mut decoder, &mut text)?;
            if text.len() as u64 > limit {
                return Err(Damage::TooLarge(kind, limit));
            }
        }
        let sums = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
        if let (Some(written), Some(counted)) = sums
            && written != counted
        {
            let why = format!("its checksum is {written:08x}, its content's {counted:08x}");
            return Err(Damage::Broken(kind, why));
        }
    }
    Ok(text)
}

fn collect(decoder: &mut FrameDecoder, text: &mut Vec<u8>) -> Result<(), Damage> {
    let written = decoder.collect_to_writer(text);
    written.map(|_| ()).map_err(|cause| Damage::Broken("Zstandard", cause.to_string()))
}

/// Where nothing is left to read, that is what is wrong.
fn damage(kind: &'static str, rest: &[u8], cause: &FrameDecoderError) -> Damage {
    if rest.is_empty() { Damage::CutShort(kind) } else { Damage::Broken(kind, cause.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write as _;

    const TEXT: &[u8] = b"$ORIGIN example.com.\n@ SOA ns hostmaster 1 2 3 4 5\nwww A 192.0.2.1\n";

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstandard_of(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    #[test]
    fn plain_files_are_left_alone() {
        assert!(unpack(TEXT).is_none());
        assert!(unpack(b"").is_none());
        assert_eq!(["a.zone.gz", "db.a.zst", "a.zone"].map(plain_name), ["a.zone", "db.a", "a.zone"]);
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        let twice = [TEXT, TEXT].concat();
        let gzip = [gzipped(TEXT), gzipped(TEXT)].concat();
        assert_eq!(unpack(&gzip).unwrap().unwrap(), twice);
        let skipped = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let frames = [&skipped[..], &zstandard_of(TEXT), &skipped, &zstandard_of(TEXT)].concat();
        assert_eq!(unpack(&frames).unwrap().unwrap(), twice);
    }

    #[test]
    fn what_is_cut_short_or_damaged_is_refused() {
        for packed in [gzipped(TEXT), zstandard_of(TEXT)] {
            for end in 5..packed.len() {
                let found = unpack(&packed[..end]).unwrap();
                assert!(matches!(found, Err(Damage::CutShort(_))), "{end}: {found:?}");
            }
            let mut damaged = packed.clone();
            let at = damaged.len() - 6;
            damaged[at] ^= 0x55;
            assert!(unpack(&damaged).unwrap().is_err(), "{damaged:?}");
        }
        let mut trailing = zstandard_of(TEXT);
        trailing.extend(b"more than this");
        assert!(matches!(unpack(&trailing), Some(Err(Damage::Broken(..)))));
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let zeros = vec![0; SMALL as usize + 1];
        for bomb in [gzipped(&zeros), zstandard_of(&zeros)] {
            assert!(bomb.len() < zeros.len() / 200);
            assert!(matches!(unpack(&bomb), Some(Err(Damage::TooLarge(_, SMALL)))));
        }
    }
}
