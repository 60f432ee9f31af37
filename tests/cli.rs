//! What the commands print, and their exit codes.

#[test]
fn commands() {
    trycmd::TestCases::new()
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .env("SOURCE_DATE_EPOCH", "1795219200")
        .case("tests/cmd/*.trycmd")
        .case("README.md");
}
