//! Who asks for a zone, and which zones the same servers have.

use super::context::ZoneContext;
use super::kind::is_private_reverse;
use crate::config::{View, ZoneKind};
use crate::zonefile::rtype::Rtype;

/// Whether a zone answers to the whole Internet, as far as can be told.
pub(super) fn is_public(context: &ZoneContext<'_>) -> bool {
    match context.kind {
        ZoneKind::Private | ZoneKind::Internal => false,
        ZoneKind::Public | ZoneKind::Registry => context.view == View::External,
        ZoneKind::Reverse => {
            context.view == View::External && !is_private_reverse(&context.zone.apex().to_string())
        }
    }
}

/// Whether a file is a zone with nothing left out: not a part that others include, and all of it read.
pub(super) fn is_whole(context: &ZoneContext<'_>) -> bool {
    !context.partial && context.zone.types().has(Rtype::SOA)
}

/// Whether two zones are meant for the same servers, as far as can be told: files that no configuration
/// lists may be copies for several networks, each network in a folder of its own.
pub(super) fn belong_together(one: &ZoneContext<'_>, other: &ZoneContext<'_>) -> bool {
    let folder = |context: &ZoneContext<'_>| {
        let file = context.zone.files().first().copied()?;
        let name = context.zone.sources().get(file).name().to_owned();
        Some(name.rsplit_once(['/', '\\']).map_or(String::new(), |(folder, _)| folder.to_owned()))
    };
    one.declared && other.declared || !one.declared && !other.declared && folder(one) == folder(other)
}
