//! Host identities (RFC 8005): `2 200100107B1A74DF AwEAAbdx rvs.example.com.`

use super::super::token::{FieldError, FieldResult, Tokens};
use super::encoding::{decode_base64, decode_hex};
use super::fields::{bare, fail, number, shown};

/// Algorithm, host identity tag and public key, the latter two in one token each.
pub(super) fn identity<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let (rest, algorithm) = number(input, "algorithm", u8::MAX.into())?;
    let (rest, (token, text)) = bare(rest, "host identity tag")?;
    let mut tag = Vec::new();
    let Some(tag_len) = decode_hex(text, &mut tag).then(|| u8::try_from(tag.len()).ok()).flatten() else {
        let message = format!("host identity tag `{}` is not 1 to 255 octets in hexadecimal", shown(text));
        return fail(FieldError::at(token, "bad-encoding", message));
    };
    let (rest, (token, text)) = bare(rest, "public key")?;
    let mut key = Vec::new();
    let Some(key_len) = decode_base64([text], &mut key).then(|| u16::try_from(key.len()).ok()).flatten()
    else {
        let message = format!("public key `{}` is no base64 of at most 65535 octets", shown(text));
        return fail(
            FieldError::at(token, "bad-encoding", message).help("write the key without blanks in it"),
        );
    };
    out.extend_from_slice(&[tag_len, algorithm as u8]);
    out.extend_from_slice(&key_len.to_be_bytes());
    out.extend_from_slice(&tag);
    out.extend_from_slice(&key);
    Ok((rest, ()))
}

/// Algorithm, tag and key on the wire.
pub(super) fn parts(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag_len, algorithm, high, low] = *rest.first_chunk()?;
    let (tag, rest) = rest.get(4..)?.split_at_checked(usize::from(tag_len))?;
    let key = rest.get(..usize::from(u16::from_be_bytes([high, low])))?;
    Some((algorithm, tag, key))
}

/// Checks an identity on the wire.
pub(super) fn check(rest: &[u8]) -> Result<usize, &'static str> {
    match parts(rest) {
        None => Err(super::table::SHORT),
        Some((_, [], _) | (_, _, [])) => Err("is missing"),
        Some((_, tag, key)) => Ok(4 + tag.len() + key.len()),
    }
}
