//! What can be chosen about the layout.

/// How domain names are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// As they are.
    #[default]
    Keep,
    /// Relative to the `$ORIGIN` of the same file, where they lie below it.
    Relative,
}

/// How TTLs are written, those of records and of `$TTL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ttls {
    /// As they are.
    #[default]
    Keep,
    /// In seconds: `5400`.
    Seconds,
    /// With BIND's units: `1h30m`.
    Units,
}

/// The layout that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The least width of the owner's column, blanks after it counted, in characters.
    pub owner_width: usize,
    /// Columns begin at tab stops, eight characters apart, and are filled with tabs.
    pub tabs: bool,
    /// How names are written.
    pub names: Names,
    /// How TTLs are written.
    pub ttls: Ttls,
}

impl Default for Style {
    fn default() -> Self {
        Self { owner_width: 8, tabs: false, names: Names::Keep, ttls: Ttls::Keep }
    }
}
