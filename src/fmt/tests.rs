//! One line each; whole files are in `fixtures/fmt`.

use super::*;

fn formatted(text: &str) -> String {
    styled(text, &Style::default())
}

fn styled(text: &str, style: &Style) -> String {
    let once = format(text.as_bytes(), style);
    assert_eq!(format(&once, style), once, "not stable: {text}");
    String::from_utf8(once).unwrap()
}

#[test]
fn cells_come_in_order_and_stand_in_columns() {
    assert_eq!(
        formatted("www in 60 a 192.0.2.1\nlonger-name MX 10   m\n"),
        "www          60 IN  A    192.0.2.1\nlonger-name         MX   10 m\n"
    );
}
