//! What a server is told of one zone, as a text.

use crate::config::View;

/// The commands for one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Apex of the zone, no final dot.
    pub zone: String,
    /// Who the zone is served to.
    pub view: View,
    /// The commands, with a line feed at the end of every line.
    pub text: String,
}
