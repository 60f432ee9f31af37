//! A zone with six mistakes of six kinds gives six findings, each at the bytes that are wrong.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use zonewright::diagnostic::Severity;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Request, load};

#[test]
fn six_mistakes_are_six_findings() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/six-mistakes/zonewright.toml");
    let mut loaded = load(&Request { config: Some(config), ..Request::default() }).unwrap();
    let parsed = loaded.take_findings();
    let findings = lint(&loaded.contexts(), parsed, loaded.deployment(), &Levels::new()).findings;
    let mut found: Vec<(u64, String, String, String)> = findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning)
        .map(|finding| {
            let source = loaded.sources.get(finding.span.file);
            let line = source.position(finding.span.start).line;
            let text = String::from_utf8(loaded.sources.bytes(finding.span)).unwrap();
            (line, finding.rule.to_string(), text, finding.message.clone())
        })
        .collect();
    found.sort();
    let shown: Vec<(&str, &str)> = found.iter().map(|(_, rule, text, _)| (&**rule, &**text)).collect();
    let federation = "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip1.contoso.com";
    assert_eq!(
        shown,
        [
            ("srv-equal-priority", "10"),
            ("missing-trailing-dot", "sip1.contoso.com"),
            ("srv-pool-uncovered", federation),
            ("srv-proto-unexpected", "_sipfederationtls._tls"),
            ("srv-port-unexpected", "5222"),
            ("srv-target-cname", "xmpp2"),
        ],
        "{found:#?}"
    );
    assert_eq!(found.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [25, 26, 26, 27, 28, 29]);
}
