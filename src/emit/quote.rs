//! Arguments of commands.

/// An argument of a PowerShell command.
pub(super) fn powershell(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// An argument of a POSIX shell command.
pub(super) fn shell(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn is_bare(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    starts && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_the_shell_needs_it() {
        assert_eq!(powershell("paris"), "paris");
        assert_eq!(powershell("d'arc"), "'d''arc'");
        assert_eq!(powershell("$x"), "'$x'");
        assert_eq!(shell("_sip._tls.contoso.com"), "_sip._tls.contoso.com");
        assert_eq!(shell("a'b"), "'a'\\''b'");
        assert_eq!(shell("-x"), "'-x'");
    }
}
