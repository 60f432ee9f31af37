//! What the commands print, and their exit codes.

#[test]
fn commands() {
    trycmd::TestCases::new().env("COLUMNS", "80").env("NO_COLOR", "1").case("tests/cmd/*.trycmd");
}
