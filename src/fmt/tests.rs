//! One point each; whole files are in `fixtures/fmt`.

use super::*;

fn styled(text: &str, style: &Style) -> String {
    let once = format(text.as_bytes(), style);
    assert_eq!(format(&once, style), once, "not stable: {text}");
    String::from_utf8(once).unwrap()
}

fn formatted(text: &str) -> String {
    styled(text, &Style::default())
}

#[test]
fn cells_come_in_order_and_stand_in_columns() {
    assert_eq!(
        formatted("www in 60 a 192.0.2.1\nlonger-name MX 10   m"),
        "www             60 IN  A    192.0.2.1\nlonger-name            MX   10 m\n"
    );
}

#[test]
fn an_owner_is_blanked_only_where_it_surely_is_the_one_above() {
    let kept = [
        "w       A    192.0.2.1\n; between\nw       A    192.0.2.2\n",
        "w       A    192.0.2.1\n\nw       A    192.0.2.2\n",
        "w       A    192.0.2.1\n$ORIGIN a.\nw       A    192.0.2.2\n",
        "w       A    192.0.2.1\nw ???\nw       A    192.0.2.2\n",
        "w       A    192.0.2.1\nW       A    192.0.2.2\n",
        "w       A    192.0.2.1\nw       TXT  A 192.0.2.2\n",
    ];
    for text in kept {
        assert_eq!(formatted(text), text);
    }
    assert_eq!(formatted("w A 192.0.2.1\nw A 192.0.2.2"), "w       A    192.0.2.1\n        A    192.0.2.2\n");
}

#[test]
fn tabs_fill_columns_at_tab_stops() {
    let style = Style { tabs: true, ..Style::default() };
    assert_eq!(
        styled("www 60 IN A 192.0.2.1 ; c\n IN MX 10 m\n", &style),
        "www\t60\tIN\tA\t192.0.2.1\t; c\n\t\tIN\tMX\t10 m\n"
    );
}

#[test]
fn the_owner_column_can_be_wider() {
    let style = Style { owner_width: 24, ..Style::default() };
    assert_eq!(styled("www A 192.0.2.1\n", &style), "www                     A    192.0.2.1\n");
}

#[test]
fn names_below_the_origin_are_shortened_where_nobody_is_misled() {
    let style = Style { names: Names::Relative, ..Style::default() };
    let line = |text: &str| {
        let text = styled(&format!("$ORIGIN contoso.com.\n{text}\n"), &style);
        text.lines()
            .skip(1)
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<String>()
    };
    for (text, wanted) in [
        ("www.Contoso.com. CNAME contoso.com.", "www CNAME @"),
        ("contoso.com. MX 10 mx1.contoso.com.", "@ MX 10 mx1"),
        ("a SRV 0 0 443 sip.example.net.", "a SRV 0 0 443 sip.example.net."),
        ("a TXT www.contoso.com.", "a TXT www.contoso.com."),
        ("a CNAME x.example.com.contoso.com.", "a CNAME x.example.com.contoso.com."),
        ("a CNAME 192.0.2.1.contoso.com.", "a CNAME 192.0.2.1.contoso.com."),
        ("a CNAME x\\.contoso.com.", "a CNAME x\\.contoso.com."),
        ("a CNAME @.contoso.com.", "a CNAME @.contoso.com."),
        ("$x.contoso.com. A 192.0.2.1", "$x.contoso.com. A 192.0.2.1"),
    ] {
        assert_eq!(line(text), wanted, "{text}");
    }
    assert_eq!(
        styled("www.contoso.com. A 192.0.2.1\n", &style),
        "www.contoso.com.    A    192.0.2.1\n",
        "the file does not say its origin"
    );
}

#[test]
fn ttls_are_written_as_wanted() {
    for (ttls, wanted) in [
        (Ttls::Keep, ["5400", "1h30m", "0", "1W", "4294967295"]),
        (Ttls::Seconds, ["5400", "5400", "0", "604800", "4294967295"]),
        (Ttls::Units, ["1h30m", "1h30m", "0", "1w", "4294967295"]),
    ] {
        let style = Style { ttls, ..Style::default() };
        for (text, wanted) in ["5400", "1h30m", "0", "1W", "4294967295"].into_iter().zip(wanted) {
            assert_eq!(styled(&format!("$TTL {text}\n"), &style), format!("$TTL {wanted}\n"));
            let record = styled(&format!("a {text} A 192.0.2.1\n"), &style);
            assert_eq!(record.split_whitespace().nth(1), Some(wanted));
        }
    }
}

#[test]
fn a_file_that_cannot_be_taken_apart_stays_as_it_is() {
    for (text, why) in [
        (&b"a  A  192.0.2.1\nb  TXT  ( x\n"[..], Unformatted::Unclosed { at: 24 }),
        (b"\xff\xfea\0", Unformatted::Utf16),
    ] {
        assert_eq!(changes(text, &Style::default()), Err(why));
        assert_eq!(format(text, &Style::default()), text);
    }
}

#[test]
fn only_lines_that_change_are_changes() {
    let text = b"www     A    192.0.2.1\nftp A 192.0.2.2\n";
    let found = changes(text, &Style::default()).unwrap();
    assert_eq!(found, [Change { range: 23..39, text: b"ftp     A    192.0.2.2\n".to_vec() }]);
}

#[test]
fn the_proof_sees_what_differs() {
    let apex = crate::zonefile::name::Name::absolute(b"contoso.com").unwrap();
    let options = crate::zonefile::parse::Options::new(apex);
    let same = |one: &str, other: &str| same_text(one.as_bytes(), other.as_bytes(), &options);
    let text = "$TTL 60\nwww A 192.0.2.1\nwww A 192.0.2.2\n";
    assert_eq!(same(text, "$TTL 1m\nWWW A 192.0.2.1\n IN A 192.0.2.2"), Ok(()));
    for other in [
        "$TTL 61\nwww A 192.0.2.1\nwww A 192.0.2.2\n",
        "$TTL 60\nwww A 192.0.2.1\nwww A 192.0.2.3\n",
        "$TTL 60\nwww A 192.0.2.1\nweb A 192.0.2.2\n",
        "$TTL 60\nwww A 192.0.2.1\n",
        "$TTL 60\nwww A 192.0.2.1\nwww A 192.0.2.2\nwww A 192.0.2.300\n",
    ] {
        assert!(same(text, other).is_err(), "{other}");
    }
}
