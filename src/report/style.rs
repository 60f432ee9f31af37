//! How a report for people looks, and what the environment says of it.
//!
//! Libraries disagree on `NO_COLOR`, `FORCE_COLOR` and their kin, so the decision is made here, once.

use std::ffi::OsString;

/// The look of a report for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Line-drawing characters, and text that is not ASCII; otherwise ASCII only.
    pub unicode: bool,
    /// Columns of the terminal; fewer than 40 count as 40.
    pub width: usize,
}

/// The option `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// As the environment and the terminal have it.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Not at all.
    Never,
}

/// Whether to print colours: `--color`, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`
/// (empty and `0` say nothing), then `TERM=dumb` and `CLICOLOR=0`, then whether it is a terminal.
pub fn color_wanted(choice: ColorChoice, env: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> bool {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let forced = |name: &str| set(name).is_some_and(|value| value != "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR").is_some() => false,
        ColorChoice::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
        ColorChoice::Auto if set("TERM").is_some_and(|term| term == "dumb") => false,
        ColorChoice::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
        ColorChoice::Auto => is_terminal,
    }
}

/// Whether the locale is UTF-8: the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is not empty says so.
/// Where none is set, Windows has Unicode terminals and others are taken for ASCII.
pub fn unicode_wanted(env: impl Fn(&str) -> Option<OsString>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| env(name)).find(|value| !value.is_empty()).map_or(
        cfg!(windows),
        |locale| {
            let locale = locale.to_string_lossy().to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        let vars: Vec<(String, OsString)> =
            vars.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        move |name| vars.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn color_by_environment() {
        type Row<'a> = (&'a [(&'a str, &'a str)], bool, bool);
        let table: &[Row<'_>] = &[
            // variables, on a terminal, in a pipe
            (&[], true, false),
            (&[("NO_COLOR", "")], true, false),
            (&[("NO_COLOR", "0")], false, false),
            (&[("NO_COLOR", "1")], false, false),
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, false),
            (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], false, false),
            (&[("NO_COLOR", ""), ("FORCE_COLOR", "1")], true, true),
            (&[("CLICOLOR", "0")], false, false),
            (&[("CLICOLOR", "1")], true, false),
            (&[("CLICOLOR_FORCE", "0")], true, false),
            (&[("CLICOLOR_FORCE", "1")], true, true),
            (&[("CLICOLOR_FORCE", "")], true, false),
            (&[("FORCE_COLOR", "0")], true, false),
            (&[("FORCE_COLOR", "1")], true, true),
            (&[("FORCE_COLOR", "3"), ("TERM", "dumb")], true, true),
            (&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true, true),
            (&[("TERM", "dumb")], false, false),
            (&[("TERM", "xterm-256color")], true, false),
        ];
        for (vars, terminal, pipe) in table {
            assert_eq!(color_wanted(ColorChoice::Auto, env(vars), true), *terminal, "terminal, {vars:?}");
            assert_eq!(color_wanted(ColorChoice::Auto, env(vars), false), *pipe, "pipe, {vars:?}");
            assert!(color_wanted(ColorChoice::Always, env(vars), false), "always, {vars:?}");
            assert!(!color_wanted(ColorChoice::Never, env(vars), true), "never, {vars:?}");
        }
    }

    #[test]
    fn unicode_by_locale() {
        let wanted = |vars: &[(&str, &str)]| unicode_wanted(env(vars));
        assert!(wanted(&[("LANG", "de_DE.UTF-8")]));
        assert!(wanted(&[("LANG", "C"), ("LC_CTYPE", "en_US.utf8")]));
        assert!(wanted(&[("LC_ALL", ""), ("LANG", "C.UTF-8")]));
        assert!(!wanted(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]));
        assert!(!wanted(&[("LANG", "de_DE.ISO-8859-1")]));
        assert_eq!(wanted(&[]), cfg!(windows));
    }
}
