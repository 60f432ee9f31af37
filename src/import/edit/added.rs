//! Tables that the configuration does not have yet.

use super::place::{Place, insert};
use super::{Editing, NotEdited};
use crate::edge::LoadBalancing;
use crate::import::fresh::{PoolBlock, put, sip_domain};
use crate::import::words::quoted;
use crate::import::{FrontEnd, Pool, Published, SipDomain, Told};
use std::collections::BTreeMap;

impl Editing<'_> {
    /// New tables, each behind the last of its kind; returns the text.
    pub(super) fn blocks(&mut self) -> Result<String, NotEdited> {
        let mut text = self.document.to_string();
        let mut add = |place: Place<'_>, block: &str| -> Result<(), NotEdited> {
            if !block.is_empty() {
                text = insert(&text, place, block)?;
            }
            Ok(())
        };
        let (topology, deployment) = (self.topology, self.deployment);
        let mut domains = String::new();
        for told in topology.sip_domains.iter().flatten() {
            if deployment.is_none_or(|deployment| deployment.sip_domain(&told.name).is_none()) {
                domains.push_str(&sip_domain(told, ""));
            }
        }
        add(Place::After("sip_domain"), &domains)?;
        let mut pools = String::new();
        let mut servers: Vec<(usize, String)> = Vec::new();
        let declared = deployment.iter().flat_map(|deployment| deployment.sip_domains());
        let declared = declared.map(|domain| (domain.name.value.clone(), domain.default));
        let mut sip_domains: Vec<SipDomain> =
            declared.map(|(name, default)| SipDomain { name, default }).collect();
        for told in topology.sip_domains.iter().flatten() {
            if sip_domains.iter().all(|known| known.name != told.name) {
                sip_domains.push(told.clone());
            }
        }
        let mut place = deployment.map_or(0, |deployment| deployment.pools().len());
        for (pool, id) in topology.pools.iter().zip(self.ids.clone()) {
            let presence = self.published.presence(pool);
            if let Some(declared) = self.declared(pool) {
                let new = self.servers_to_add(pool, declared).unwrap_or_default();
                let some = Pool { servers: Some(new.into_iter().cloned().collect()), ..pool.clone() };
                // Which addresses of the zones are those of the new servers alone is not known.
                let unknown = Published::default();
                let block = PoolBlock {
                    pool: &some,
                    id: &id,
                    site: "",
                    presence: &presence,
                    published: &unknown,
                    place,
                };
                let behind_vip = declared.load_balancing == LoadBalancing::Hlb;
                servers
                    .push((declared.id.index(), block.servers(behind_vip, &mut self.words, &mut self.notes)));
                continue;
            }
            let site = self.words.site(pool.site.as_deref());
            let block = PoolBlock {
                pool,
                id: &id,
                site: &site,
                presence: &presence,
                published: self.published,
                place,
            };
            pools.push_str(&block.text(&sip_domains, &mut self.words, &mut self.notes));
            place += 1;
        }
        add(Place::After("site"), &self.new_sites())?;
        for (pool, block) in servers {
            add(Place::Within("edge_pool", pool, "server"), &block)?;
        }
        add(Place::After("edge_pool"), &pools)?;
        add(Place::After("front_end_pool"), &self.new_front_ends())?;
        Ok(text)
    }

    fn new_sites(&mut self) -> String {
        let names = self.topology.sites.iter().map(|site| Some(site.name.clone()));
        let names: Vec<Option<String>> =
            names.chain(self.topology.pools.iter().map(|pool| pool.site.clone())).collect();
        let mut ids: BTreeMap<String, Option<String>> = BTreeMap::new();
        for name in names {
            let is_declared = |pool: &Pool| self.declared(pool).is_some();
            // A declared pool whose site is not told stays where it is.
            if name.is_none()
                && !self.topology.pools.iter().any(|pool| pool.site.is_none() && !is_declared(pool))
            {
                continue;
            }
            let id = self.words.site(name.as_deref());
            ids.entry(id).or_insert(name);
        }
        let declared = self.declared_sites();
        let mut text = String::new();
        for (id, name) in ids {
            if declared.iter().any(|site| site.name.value.eq_ignore_ascii_case(&id)) {
                continue;
            }
            put(&mut text, format_args!("\n[[site]]\nid = {}", quoted(&id)));
            let told = self.topology.sites.iter().find(|site| Some(&site.name) == name.as_ref());
            for (key, told, is) in [
                (
                    "federation_route",
                    told.map(|site| &site.federation_route),
                    declared.iter().find_map(|site| site.federation_route.as_ref()),
                ),
                (
                    "xmpp_route",
                    told.map(|site| &site.xmpp_route),
                    declared.iter().find_map(|site| site.xmpp_route.as_ref()),
                ),
            ] {
                let told = told.and_then(Told::value).and_then(|fqdn| self.id_of(fqdn));
                let is = is.and_then(|route| Some(self.deployment?.pool(route.value).name.value.clone()));
                if let Some(route) = told.or(is) {
                    put(&mut text, format_args!("{key} = {}", quoted(&route)));
                }
            }
        }
        text
    }

    /// Front End pools are added where some are declared, as a next hop must be among them then.
    fn new_front_ends(&self) -> String {
        let mut text = String::new();
        let Some(deployment) = self.deployment else { return text };
        let declared = deployment.front_end_pools();
        if declared.is_empty() {
            return text;
        }
        let mut new: Vec<FrontEnd> = self.topology.front_ends.iter().flatten().cloned().collect();
        for next_hop in self.topology.pools.iter().filter_map(|pool| pool.next_hop.as_ref()) {
            if new.iter().all(|known| known.fqdn != *next_hop) {
                new.push(FrontEnd { fqdn: next_hop.clone(), site: None, edge: None });
            }
        }
        for front_end in new {
            if declared.iter().any(|known| known.fqdn.value == front_end.fqdn) {
                continue;
            }
            put(&mut text, format_args!("\n[[front_end_pool]]\nfqdn = {}", quoted(&front_end.fqdn)));
            let site = front_end.site.as_ref().and_then(|site| self.words.sites.get(&site.to_lowercase()));
            if let Some(site) = site {
                put(&mut text, format_args!("site = {}", quoted(site)));
            }
            if let Some(edge) = front_end.edge.and_then(|edge| self.id_of(&edge)) {
                put(&mut text, format_args!("edge = {}", quoted(&edge)));
            }
        }
        text
    }
}
