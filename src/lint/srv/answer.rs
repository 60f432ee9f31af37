//! What a zone answers to a question, as far as it alone can tell.

use crate::lint::ZoneContext;
use crate::zone::{Lookup, TypeSet};
use crate::zonefile::rtype::Rtype;

/// What a server of the zone says to a question for an absolute name.
pub(super) enum Answer {
    /// Another zone answers, or a DNAME.
    Elsewhere,
    /// Records of these types: its own, or a wildcard's.
    Types(TypeSet),
    /// No record at all.
    Nothing,
}

impl Answer {
    /// Asks the zone.
    pub(super) fn to(context: &ZoneContext<'_>, name: &str) -> Self {
        match context.zone.key(name.as_bytes()).map(|key| context.zone.lookup(key)) {
            None | Some(Lookup::BelowCut { .. } | Lookup::BelowDname(_)) => Self::Elsewhere,
            Some(Lookup::Found(name) | Lookup::Wildcard(name)) => Self::Types(context.zone.types_of(name)),
            Some(Lookup::EmptyNonTerminal | Lookup::Missing) => Self::Nothing,
        }
    }

    /// Whether a question for the type finds an answer, as far as this zone can tell.
    pub(super) fn has(&self, rtype: Rtype) -> bool {
        match self {
            Self::Elsewhere => true,
            Self::Types(types) => types.has(rtype) || types.has(Rtype::CNAME),
            Self::Nothing => false,
        }
    }

    /// Whether a question for addresses finds an answer.
    pub(super) fn has_address(&self) -> bool {
        self.has(Rtype::A) || self.has(Rtype::AAAA)
    }
}
