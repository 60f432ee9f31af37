//! The canonical form of RDATA, by which records are told apart.

use crate::zonefile::name::NameForm;
use crate::zonefile::rdata::{NameRole, RdataSink};
use crate::zonefile::token::Token;

/// The canonical form of one record's RDATA, and the names in it.
#[derive(Default)]
pub(super) struct Canonical {
    pub(super) bytes: Vec<u8>,
    pub(super) names: Vec<FoundName>,
}

pub(super) struct FoundName {
    start: u32,
    end: u32,
    pub(super) form: NameForm,
    pub(super) role: NameRole,
    pub(super) token: Option<Token>,
}

impl Canonical {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.names.clear();
    }

    pub(super) fn name_bytes(&self, name: &FoundName) -> &[u8] {
        &self.bytes[name.start as usize..name.end as usize]
    }
}

impl RdataSink for Canonical {
    fn octets(&mut self, octets: &[u8]) {
        self.bytes.extend_from_slice(octets);
    }

    fn name(&mut self, name: &[u8], form: NameForm, role: NameRole, token: Option<Token>) {
        self.bytes.push(if form.in_zone { 1 } else { 2 });
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(name);
        let end = self.bytes.len() as u32;
        self.bytes.push(0);
        self.names.push(FoundName { start, end, form, role, token });
    }

    fn field(&mut self, _: usize, _: u32, _: u32) {}
}
