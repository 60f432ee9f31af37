//! Keys and tokens that must not be published.

use super::strings::value;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::Record;

/// A kind of token by how it is written.
struct Token {
    /// What it begins with.
    start: &'static [u8],
    /// What it is, for messages.
    what: &'static str,
    /// Whether an octet may stand behind the start.
    takes: fn(&u8) -> bool,
    /// How many octets stand behind the start, at the least and at the most.
    length: (usize, usize),
}

/// Tokens that their issuers give a form of their own, so that leaks can be found.
const TOKENS: [Token; 16] = [
    Token { start: b"AKIA", what: "an access key of AWS", takes: is_upper, length: (16, 16) },
    github(b"ghp_"),
    github(b"gho_"),
    github(b"ghu_"),
    github(b"ghs_"),
    github(b"ghr_"),
    Token { start: b"github_pat_", what: "a token of GitHub", takes: is_word, length: (60, 120) },
    Token { start: b"glpat-", what: "a token of GitLab", takes: is_word, length: (20, 400) },
    slack(b"xoxb-"),
    slack(b"xoxp-"),
    slack(b"xoxa-"),
    slack(b"xoxr-"),
    slack(b"xoxs-"),
    Token { start: b"sk_live_", what: "a secret key of Stripe", takes: is_word, length: (16, 247) },
    Token { start: b"npm_", what: "a token of npm", takes: u8::is_ascii_alphanumeric, length: (36, 36) },
    Token { start: b"AGE-SECRET-KEY-1", what: "a secret key of age", takes: is_upper, length: (58, 58) },
];

const fn github(start: &'static [u8]) -> Token {
    Token { start, what: "a token of GitHub", takes: u8::is_ascii_alphanumeric, length: (36, 251) }
}

const fn slack(start: &'static [u8]) -> Token {
    Token { start, what: "a token of Slack", takes: is_word, length: (20, 250) }
}

fn is_upper(octet: &u8) -> bool {
    octet.is_ascii_uppercase() || octet.is_ascii_digit()
}

fn is_word(octet: &u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

/// Whether a token may go on with this octet, or be a part of something else in base64.
fn goes_on(octet: &u8) -> bool {
    is_word(octet) || matches!(octet, b'+' | b'/')
}

/// `txt-looks-like-secret`
pub(super) fn looks_like_secret(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(what) = secret(&value(&record.wire)) else { return };
    let message = format!("`{}` TXT holds what looks like {what}", record.owner);
    out.push(
        context
            .about("txt-looks-like-secret", record, record.rdata_span(), message)
            .help("remove it, and replace the key: everybody can read it in the DNS"),
    );
}

/// What secret a text holds.
fn secret(text: &[u8]) -> Option<&'static str> {
    if has_private_pem(text) {
        return Some("a private key");
    }
    let token = || TOKENS.iter().find(|token| has_token(text, token)).map(|token| token.what);
    private_der(text).or_else(token)
}

/// Whether the first line of a private key stands in it (RFC 7468 sections 10 and 11, OpenPGP).
fn has_private_pem(text: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    memchr::memmem::find_iter(text, BEGIN).any(|at| {
        let rest = text.get(at + BEGIN.len()..).unwrap_or_default();
        let end = memchr::memmem::find(rest, b"-----").unwrap_or_default();
        let label = rest.get(..end).unwrap_or_default();
        label.ends_with(b"PRIVATE KEY") || label.ends_with(b"PRIVATE KEY BLOCK")
    })
}

/// What a DKIM key is that is a private one: its DER begins with a version number, as those of RFC 8017
/// appendix A.1.2 and RFC 5958 section 2 do, and a public key's never does.
fn private_der(text: &[u8]) -> Option<&'static str> {
    let is_private = |tag: &[u8]| {
        let key = tag.trim_ascii_start().strip_prefix(b"p");
        let key = key.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"="));
        key.is_some_and(|key| is_private_base64(key.trim_ascii_start()))
    };
    let found = text.split(|octet| *octet == b';').any(is_private);
    found.then_some("a private key where the public key belongs")
}

/// Base64 of `30 82 xx xx 02 01 00`, a long sequence that begins with the number 0; or of the whole
/// header of a private Ed25519 key (RFC 8410 section 7).
fn is_private_base64(key: &[u8]) -> bool {
    let is_rsa = key.starts_with(b"MII") && key.get(6..9) == Some(b"IBA") && key.len() >= 64;
    is_rsa || key.starts_with(b"MC4CAQAwBQYDK2VwBCIEI")
}

fn has_token(text: &[u8], token: &Token) -> bool {
    memchr::memmem::find_iter(text, token.start).any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let rest = text.get(at + token.start.len()..).unwrap_or_default();
        let (least, most) = token.length;
        // No further than it takes to tell: a text may begin a token at every other octet.
        let length = rest.iter().take(most + 1).take_while(|octet| (token.takes)(octet)).count();
        let body = rest.get(..length).unwrap_or_default();
        // Manuals end their keys so.
        let is_example = body.ends_with(b"EXAMPLE") || body.iter().all(|octet| body.first() == Some(octet));
        (least..=most).contains(&length)
            && !before.is_some_and(goes_on)
            && !rest.get(length).is_some_and(goes_on)
            && !is_example
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(start: &str, length: usize) -> String {
        let body: String = "A1B2C3D4E5F6G7H8".chars().cycle().take(length).collect();
        format!("{start}{body}")
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        for text in [
            String::from("-----BEGIN PRIVATE KEY-----"),
            String::from("-----BEGIN RSA PRIVATE KEY----- MIIEpAIBAAKCAQEA"),
            String::from("-----BEGIN OPENSSH PRIVATE KEY-----"),
            String::from("-----BEGIN PGP PRIVATE KEY BLOCK-----"),
            format!("aws_key={}", token("AKIA", 16)),
            token("ghp_", 36),
            format!("deploy: {}.", token("glpat-", 20)),
            token("xoxb-", 50),
            token("sk_live_", 24),
            token("npm_", 36),
            format!("v=DKIM1; k=rsa; p={}", token("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 60)),
            format!("p={}", token("MIIEpAIBAAKCAQEA", 60)),
            String::from("v=DKIM1; k=ed25519; p=MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp"),
        ] {
            assert!(secret(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn public_keys_and_verifications_are_no_secrets() {
        for text in [
            String::from("-----BEGIN PUBLIC KEY-----"),
            String::from("-----BEGIN CERTIFICATE----- how to keep a PRIVATE KEY"),
            String::from("the line PRIVATE KEY----- ends a header"),
            format!("v=DKIM1; p={}", token("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", 60)),
            format!("k=rsa; p={}", token("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC", 60)),
            String::from("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
            String::from("google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ"),
            format!("google-site-verification=abc{}", token("ghp_", 36)),
            format!("p=AB/{}+AAAA", token("AKIA", 16)),
            String::from("MS=ms12345678"),
            String::from("apple-domain-verification=RyQhdzTl6Z6x8ZP4"),
            String::from("AKIAIOSFODNN7EXAMPLE"),
            String::from("ghp_ is how tokens begin"),
            format!("ghp_{}", "x".repeat(36)),
            String::from("DGyRejmCefe7v4NfDGDKfA-9SpQyEpG-Q8_QmQKLHMI"),
            String::from(
                "stripe-verification=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ),
        ] {
            assert_eq!(secret(text.as_bytes()), None, "{text}");
        }
    }
}
