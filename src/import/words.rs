//! Names of the topology as words of the configuration.

use std::collections::BTreeSet;

/// A name as the `id` of a site: one word in lower case, of the letters and digits that it has.
pub(super) fn word(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        } else if !word.ends_with('-') && !word.is_empty() {
            word.push('-');
        }
    }
    let word = word.trim_end_matches('-');
    if word.is_empty() { String::from("site") } else { word.to_owned() }
}

/// The first label of a name.
pub(super) fn label(fqdn: &str) -> &str {
    fqdn.split('.').next().unwrap_or(fqdn)
}

/// `wish`, or with a number after it when it is taken; takes what it returns.
pub(super) fn free(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = wish.to_owned();
    let mut number = 2_usize;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{wish}-{number}");
        number += 1;
    }
    free
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A TOML string, or an array of them when there are several.
pub(super) fn one_or_many<T: ToString>(values: &[T]) -> String {
    let all: Vec<String> = values.iter().map(|value| quoted(&value.to_string())).collect();
    match all.as_slice() {
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

/// Text that may stand in a comment of one line.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("Paris", "paris"),
            ("North America (HQ)", "north-america-hq"),
            ("-x-", "x"),
            ("--", "site"),
            ("Île", "île"),
        ] {
            assert_eq!(word(name), expected);
        }
    }

    #[test]
    fn a_taken_word_gets_a_number() {
        let mut taken = BTreeSet::new();
        assert_eq!(free("Edge", &mut taken), "Edge");
        assert_eq!(free("edge", &mut taken), "edge-2");
        assert_eq!(free("edge", &mut taken), "edge-3");
    }

    #[test]
    fn strings_are_those_of_toml() {
        for text in ["a", "a\"b", "a\\b", "a\nb\u{7f}", ""] {
            let document: toml::Table = toml::from_str(&format!("x = {}", quoted(text))).unwrap();
            assert_eq!(document["x"].as_str(), Some(text));
        }
    }
}
