//! Rules of the group `syntax`: nearly all are found while the text is read.

mod obsolete;
mod rrset;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Syntax,
        "syntax",
        "bad-directive-argument",
        Error,
        No,
        "RFC 1035 5.1, RFC 2308 4",
        Check::Parser,
        "a directive without its argument, with a wrong one or with too many"
    ),
    rule!(
        Syntax,
        "syntax",
        "bad-encoding",
        Error,
        No,
        "RFC 4648",
        Check::Parser,
        "hexadecimal digits, base64 or base32hex that cannot be decoded"
    ),
    rule!(
        Syntax,
        "syntax",
        "bad-escape",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "`\\DDD` over 255 or with fewer than three digits"
    ),
    rule!(
        Syntax,
        "syntax",
        "bad-ipv4",
        Error,
        Unsafe,
        "RFC 1035 3.4.1",
        Check::Parser,
        "an IPv4 address that is not four numbers from 0 to 255"
    ),
    rule!(
        Syntax,
        "syntax",
        "bad-ipv6",
        Error,
        Unsafe,
        "RFC 3596 2.4, RFC 4291 2.2",
        Check::Parser,
        "an IPv6 address that is not written as RFC 4291 wants it"
    ),
    rule!(
        Syntax,
        "syntax",
        "bad-timestamp",
        Error,
        No,
        "RFC 4034 3.2",
        Check::Parser,
        "a signature time that is no time"
    ),
    rule!(
        Syntax,
        "syntax",
        "byte-order-mark",
        Error,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "the file begins with a byte order mark"
    ),
    rule!(
        Syntax,
        "syntax",
        "class-mismatch",
        Error,
        Unsafe,
        "RFC 1035 5.2",
        Check::Parser,
        "a record of another class than the zone"
    ),
    rule!(
        Syntax,
        "syntax",
        "confusable-character",
        Error,
        Safe,
        "UTS 39",
        Check::Parser,
        "a character that only looks like a blank, a quote, a hyphen or a letter"
    ),
    rule!(
        Syntax,
        "syntax",
        "control-character",
        Error,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "NUL, escape, form feed, Ctrl-Z or a lone CR in the text"
    ),
    rule!(
        Syntax,
        "syntax",
        "crlf-line-endings",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "lines that end with CR LF"
    ),
    rule!(
        Syntax,
        "syntax",
        "extra-rdata",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "fields after the RDATA is complete"
    ),
    rule!(
        Syntax,
        "syntax",
        "generate-bad-modifier",
        Error,
        No,
        "BIND 9 ARM",
        Check::Parser,
        "`${offset,width,base}` that `$GENERATE` does not understand"
    ),
    rule!(
        Syntax,
        "syntax",
        "generate-bad-range",
        Error,
        Unsafe,
        "BIND 9 ARM",
        Check::Parser,
        "a `$GENERATE` range that is none"
    ),
    rule!(
        Syntax,
        "syntax",
        "generate-duplicate-owner",
        Warning,
        No,
        "BIND ARM",
        Check::Parser,
        "a `$GENERATE` that makes one record many times"
    ),
    rule!(
        Syntax,
        "syntax",
        "generate-too-many",
        Error,
        No,
        "zonewright",
        Check::Parser,
        "a `$GENERATE` of more records than the limit"
    ),
    rule!(
        Syntax,
        "syntax",
        "generic-rdata-for-known-type",
        Info,
        Safe,
        "RFC 3597 5",
        Check::Parser,
        "`TYPEnn` or `\\#` though the type has a name"
    ),
    rule!(
        Syntax,
        "syntax",
        "generic-rdata-length",
        Error,
        Unsafe,
        "RFC 3597 5",
        Check::Parser,
        "the length after `\\#` is not that of the octets"
    ),
    rule!(
        Syntax,
        "syntax",
        "generic-rdata-malformed",
        Error,
        No,
        "RFC 3597 5",
        Check::Parser,
        "octets after `\\#` that are no RDATA of the type"
    ),
    rule!(
        Syntax,
        "syntax",
        "include-cycle",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "a file that includes itself"
    ),
    rule!(
        Syntax,
        "syntax",
        "include-not-found",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "an included file that cannot be read"
    ),
    rule!(
        Syntax,
        "syntax",
        "include-outside-root",
        Error,
        No,
        "BIND named-checkzone(8)",
        Check::Parser,
        "an included file outside the repository"
    ),
    rule!(
        Syntax,
        "syntax",
        "indented-owner",
        Error,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a blank before the owner, which is then read as a type"
    ),
    rule!(
        Syntax,
        "syntax",
        "inherited-owner-after-origin",
        Warning,
        Unsafe,
        "RFC 1035 5.1",
        Check::Parser,
        "a record that takes its owner from before an `$ORIGIN` or `$INCLUDE`"
    ),
    rule!(
        Syntax,
        "syntax",
        "meta-type-in-zone",
        Error,
        No,
        "RFC 6895 3.1",
        Check::Parser,
        "a type of questions or transport, not of data"
    ),
    rule!(
        Syntax,
        "syntax",
        "missing-final-newline",
        Info,
        Safe,
        "POSIX.1-2017 3.206",
        Check::Parser,
        "the last line has no line end"
    ),
    rule!(
        Syntax,
        "syntax",
        "missing-rdata",
        Error,
        Unsafe,
        "RFC 1035 5.1",
        Check::Parser,
        "RDATA that ends before its last field"
    ),
    rule!(
        Syntax,
        "syntax",
        "no-owner",
        Error,
        Unsafe,
        "RFC 1035 5.1",
        Check::Parser,
        "a record without an owner, and none before it to inherit"
    ),
    rule!(
        Syntax,
        "syntax",
        "non-ascii-text",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "an octet over 127 in data"
    ),
    rule!(
        Syntax,
        "syntax",
        "non-zone-comment",
        Error,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "`#` or `//` where a comment begins with `;`"
    ),
    rule!(
        Syntax,
        "syntax",
        "number-out-of-range",
        Error,
        No,
        "RFC 1035 3.3, RFC 3597 5",
        Check::Parser,
        "a number that its field cannot hold"
    ),
    rule!(
        Syntax,
        "syntax",
        "obsolete-type",
        Warning,
        Unsafe,
        "RFC 1123 6.1, RFC 7208 14.1",
        Check::Owner(Wants::types(obsolete::TYPES), obsolete::types),
        "a record of a type that is no longer in use"
    ),
    rule!(
        Syntax,
        "syntax",
        "rrset-too-large",
        Warning,
        No,
        "BIND max-records-per-type",
        Check::Rrset(Wants::marks(Marks::LARGE), rrset::too_large),
        "more records of one type at a name than servers take"
    ),
    rule!(
        Syntax,
        "syntax",
        "string-too-long",
        Error,
        Safe,
        "RFC 1035 3.3",
        Check::Parser,
        "a character-string of more than 255 octets"
    ),
    rule!(
        Syntax,
        "syntax",
        "syntax-error",
        Error,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a line that is neither a directive nor a record"
    ),
    rule!(
        Syntax,
        "syntax",
        "txt-semicolon-truncated",
        Warning,
        Unsafe,
        "RFC 1035 5.1",
        Check::Parser,
        "an unquoted `;` that cuts a text short"
    ),
    rule!(
        Syntax,
        "syntax",
        "txt-unquoted-split",
        Warning,
        Safe,
        "RFC 1035 5.1, RFC 7208 3.3",
        Check::Parser,
        "words without quotes, which become strings of their own"
    ),
    rule!(
        Syntax,
        "syntax",
        "unbalanced-parenthesis",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "a parenthesis without its partner"
    ),
    rule!(
        Syntax,
        "syntax",
        "unknown-directive",
        Error,
        Unsafe,
        "RFC 1035 5.1",
        Check::Parser,
        "a `$WORD` that is no directive"
    ),
    rule!(
        Syntax,
        "syntax",
        "unknown-type",
        Error,
        Unsafe,
        "IANA Resource Record TYPEs",
        Check::Parser,
        "a word in the place of the type that is none"
    ),
    rule!(
        Syntax,
        "syntax",
        "unterminated-quote",
        Error,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "a quoted string that does not end on its line"
    ),
    rule!(
        Syntax,
        "syntax",
        "windows-age-tag",
        Error,
        Safe,
        "Microsoft dnscmd",
        Check::Parser,
        "`[AGE:n]` of a Windows DNS export"
    ),
    rule!(
        Syntax,
        "syntax",
        "windows-octal-escape",
        Info,
        No,
        "RFC 1035 5.1",
        Check::Parser,
        "octal escapes in an export of the Windows DNS server"
    ),
    rule!(
        Syntax,
        "syntax",
        "windows-wins-record",
        Error,
        No,
        "Microsoft MS-DNSP 2.2.2.2.4",
        Check::Parser,
        "WINS and WINS-R records of Windows DNS"
    ),
];
