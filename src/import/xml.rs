//! The topology XML, in its two spellings: the published form (`Get-CsTopology -AsXml`, and inside the
//! `DocItemSet.xml` of `Export-CsConfiguration`), whose services and clusters are numbered per site, and the file of
//! the Topology Builder (`.tbxml`), where they have unique ids.
//!
//! How the routes of a site are written in it is not documented, so they are not read.

use super::tree::{self, Element};
use super::{FrontEnd, ImportError, Pool, Server, SipDomain, Site, Told, Topology};
use crate::edge::{host_name, is_private};
use std::net::IpAddr;

/// The beginning of all namespaces of topologies.
const NAMESPACE: &str = "urn:schema:Microsoft.Rtc.Management.";

/// Reads a document.
pub(super) fn read(file: &str, text: &str) -> Result<Topology, Vec<ImportError>> {
    let root = tree::read(file, text).map_err(|error| vec![error])?;
    let mut reading = Reading { file, errors: Vec::new(), notes: Vec::new() };
    let Some(top) = reading.top(&root) else { return Err(reading.errors) };
    let topology = reading.topology(top);
    if reading.errors.is_empty() { Ok(topology) } else { Err(reading.errors) }
}

/// A cluster: the machines that one name stands for.
struct Cluster<'x> {
    /// `1:2` for site 1, number 2; or the unique id.
    key: String,
    site: String,
    fqdn: String,
    element: &'x Element,
}

/// A role on a cluster.
struct Service<'x> {
    /// `1/EdgeServer/1`, or the unique id.
    key: String,
    role: String,
    cluster: String,
    depends: Vec<String>,
    element: &'x Element,
}

struct Reading<'f> {
    file: &'f str,
    errors: Vec<ImportError>,
    notes: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&mut self, element: &Element, what: impl Into<String>) {
        self.errors.push(ImportError {
            file: self.file.to_owned(),
            place: element.line.to_string(),
            what: what.into(),
        });
    }

    /// The element that holds the sites and the services.
    fn top<'x>(&mut self, root: &'x Element) -> Option<&'x Element> {
        // The file of the Topology Builder may hold what is published beside what is being edited.
        let new = root.child("NewTopology").and_then(|new| new.child("PartialTopology"));
        let all = match (new, root.name.as_str()) {
            (Some(new), _) => vec![new],
            (None, "Topology" | "PartialTopology") => vec![root],
            (None, _) => root.all("Topology"),
        };
        let mut tops = all.into_iter().filter(|top| top.child("Services").is_some());
        match (tops.next(), tops.next()) {
            (Some(top), None) if top.namespace.starts_with(NAMESPACE) => Some(top),
            (Some(top), None) => {
                let found = &top.namespace;
                self.wrong(
                    top,
                    format!(
                        "<{}> is of namespace `{found}`, expected `{NAMESPACE}Deploy.Topology.2008`",
                        top.name
                    ),
                );
                None
            }
            (Some(_), Some(second)) => {
                self.wrong(second, "a second topology, expected one");
                None
            }
            (None, _) => {
                self.wrong(
                    root,
                    format!("<{}> holds no <Topology> with <Services>, expected what `Get-CsTopology -AsXml` writes", root.name),
                );
                None
            }
        }
    }

    fn topology(&mut self, top: &Element) -> Topology {
        let mut topology = Topology { sip_domains: self.sip_domains(top), ..Topology::default() };
        let mut numbers = Vec::new();
        for site in top.all("CentralSite") {
            let (number, name) = (site.attribute("SiteId"), site.child("Name").map(|name| name.text.trim()));
            match (number, name) {
                (Some(number), Some(name)) if !name.is_empty() => {
                    numbers.push((number.to_owned(), name.to_owned()));
                    let name = name.to_owned();
                    topology.sites.push(Site { name, federation_route: Told::Not, xmpp_route: Told::Not });
                }
                _ => self.wrong(site, "<CentralSite> without SiteId or <Name>, expected both"),
            }
        }
        let clusters = self.clusters(top);
        let services = self.services(top);
        let cluster_of = |key: &str| clusters.iter().find(|cluster| cluster.key == key);
        let site_name = |cluster: &Cluster<'_>| {
            numbers.iter().find(|(number, _)| *number == cluster.site).map(|(_, name)| name.clone())
        };
        // The name of the cluster that a service of a role runs on, of those that a service depends on.
        let depends = |service: &Service<'_>, role: &str| {
            let of_role = |known: &&Service<'_>| known.role == role && service.depends.contains(&known.key);
            let found = services.iter().find(of_role)?;
            cluster_of(&found.cluster).map(|cluster| cluster.fqdn.clone())
        };
        for service in services.iter().filter(|service| service.role == "EdgeServer") {
            let Some(cluster) = cluster_of(&service.cluster) else {
                let what = format!(
                    "the Edge service is installed on cluster `{}`, which is not there",
                    service.cluster
                );
                self.wrong(service.element, what);
                continue;
            };
            let next_hop = depends(service, "Registrar").or_else(|| depends(service, "Director"));
            let site = site_name(cluster);
            topology.pools.extend(self.pool(service, cluster, site, next_hop));
        }
        let registrars = services.iter().filter(|service| matches!(&*service.role, "Registrar" | "Director"));
        let front_ends = registrars.filter_map(|service| {
            let cluster = cluster_of(&service.cluster)?;
            let edge = depends(service, "EdgeServer");
            Some(FrontEnd { fqdn: cluster.fqdn.clone(), site: site_name(cluster), edge })
        });
        topology.front_ends = Some(front_ends.collect());
        topology.notes = std::mem::take(&mut self.notes);
        topology
    }

    fn sip_domains(&mut self, top: &Element) -> Option<Vec<SipDomain>> {
        let all = top.all("InternalDomains");
        let domains = all.first()?;
        let default = domains.attribute("DefaultDomain").unwrap_or_default();
        let mut names = Vec::new();
        for domain in domains.children.iter().filter(|child| child.name == "InternalDomain") {
            let Some(name) = self.host(domain, "Name") else { continue };
            names.push(SipDomain { default: host_name(default).is_ok_and(|default| default == name), name });
        }
        Some(names)
    }

    fn clusters<'x>(&mut self, top: &'x Element) -> Vec<Cluster<'x>> {
        let mut clusters = Vec::new();
        let mut take = |reading: &mut Self, element: &'x Element, site: Option<&str>| {
            let id = element.child("ClusterId");
            let key = match (element.attribute("UniqueId"), id.and_then(numbered)) {
                (Some(unique), _) => unique.to_owned(),
                (None, Some(numbered)) => numbered,
                (None, None) => {
                    return reading
                        .wrong(element, "<Cluster> without <ClusterId> or UniqueId, expected one of them");
                }
            };
            let site = id.and_then(|id| id.attribute("SiteId")).or(site).unwrap_or_default().to_owned();
            // Gateways may be known by an address; only clusters of roles that matter are asked for their name.
            let fqdn = element.attribute("Fqdn").unwrap_or_default().to_ascii_lowercase();
            clusters.push(Cluster { key, site, fqdn, element });
        };
        for site in top.all("CentralSite") {
            for element in site.all("Cluster") {
                take(self, element, site.attribute("SiteId"));
            }
        }
        for element in top.child("Clusters").map(|clusters| clusters.all("Cluster")).unwrap_or_default() {
            take(self, element, None);
        }
        clusters
    }

    fn services<'x>(&mut self, top: &'x Element) -> Vec<Service<'x>> {
        let mut services = Vec::new();
        let all = top.child("Services").map(|services| services.all("Service")).unwrap_or_default();
        for element in all {
            let id = element.child("ServiceId");
            let (key, role) = match (element.attribute("UniqueId"), id) {
                (Some(unique), _) => (Some(unique.to_owned()), element.attribute("RoleName")),
                (None, Some(id)) => (service_key(id), id.attribute("RoleName")),
                (None, None) => (None, None),
            };
            let (Some(key), Some(role)) = (key, role) else {
                self.wrong(
                    element,
                    "<Service> without <ServiceId> or UniqueId and RoleName, expected one of them",
                );
                continue;
            };
            let installed =
                element.child("InstalledOn").and_then(|on| on.child("ClusterId")).and_then(numbered);
            let cluster =
                element.attribute("InstalledOn").map(str::to_owned).or(installed).unwrap_or_default();
            let depends =
                element.child("DependsOn").map(|depends| depends.all("Dependency")).unwrap_or_default();
            let depends = depends.into_iter().filter_map(|dependency| {
                let unique = dependency.attribute("ServiceUniqueId").map(str::to_owned);
                unique.or_else(|| dependency.child("ServiceId").and_then(service_key))
            });
            services.push(Service {
                key,
                role: role.to_owned(),
                cluster,
                depends: depends.collect(),
                element,
            });
        }
        services
    }

    fn pool(
        &mut self,
        service: &Service<'_>,
        cluster: &Cluster<'_>,
        site: Option<String>,
        next_hop: Option<String>,
    ) -> Option<Pool> {
        let fqdn = self.host(cluster.element, "Fqdn")?;
        let ports = service.element.all("Port");
        let external = |owner: &str, usage: &str| {
            ports.iter().copied().find(|port| {
                port.attribute("Owner").and_then(|own| own.rsplit(':').next()) == Some(owner)
                    && port.attribute("Usage") == Some(usage)
                    && port.attribute("InterfaceSide") == Some("External")
            })
        };
        let client = external("AccessEdge", "SipClient");
        let federation = external("AccessEdge", "SipServer");
        let (webcon, av) = (external("DataEdge", "PsomClient"), external("MediaRelayEdge", "TURNServer"));
        let Some(access_port) = client.or(federation) else {
            let what = format!(
                "Edge pool `{fqdn}` has no external <Port> of urn:component:AccessEdge, expected SipClient"
            );
            self.wrong(service.element, what);
            return None;
        };
        let Some(access) = self.optional_host(access_port, "ConfiguredFqdn") else {
            let what =
                format!("the Access Edge of `{fqdn}` has no ConfiguredFqdn, expected its external name");
            self.wrong(access_port, what);
            return None;
        };
        let number = |reading: &mut Self, port: Option<&Element>| match port {
            None => Told::Absent,
            Some(port) => reading.port(port).map_or(Told::Not, Told::Is),
        };
        let client_port = client.and_then(|port| self.port(port));
        let federation_port = number(self, federation);
        let xmpp_port = number(self, external("XmppFederationProxy", "XmppServer"));
        let webcon_name = webcon.and_then(|port| self.optional_host(port, "ConfiguredFqdn"));
        let av_name = av.and_then(|port| self.optional_host(port, "ConfiguredFqdn"));
        let of = |port: Option<&Element>, name: &Option<String>| {
            port.filter(|_| name.as_ref().is_some_and(|name| *name != access)).map(interface)
        };
        let interfaces = Interfaces {
            access: interface(access_port),
            webcon: of(webcon, &webcon_name),
            av: of(av, &av_name),
        };
        let machines = cluster.element.all("Machine");
        let servers =
            machines.into_iter().filter_map(|machine| self.server(machine, &fqdn, &interfaces)).collect();
        Some(Pool {
            fqdn,
            site,
            access,
            webcon: webcon_name,
            av: av_name,
            client_port,
            federation_port,
            xmpp_port,
            next_hop,
            servers: Some(servers),
        })
    }

    fn server(&mut self, machine: &Element, pool: &str, interfaces: &Interfaces) -> Option<Server> {
        // The machine of a pool of one need not be named.
        let fqdn =
            if machine.attribute("Fqdn").is_some() { self.host(machine, "Fqdn")? } else { pool.to_owned() };
        let mut server = Server { fqdn, ..Server::default() };
        for net in machine.all("NetInterface") {
            let side = net.attribute("InterfaceSide").unwrap_or_default();
            let own = self.address(net, "IPAddress");
            let public = self.address(net, "ConfiguredIPAddress");
            if side == "Internal" {
                server.internal.extend(own);
            }
            if side != "External" {
                continue;
            }
            let address = match (public, own) {
                (Some(public), _) => public,
                (None, Some(own)) if is_private(&own) => {
                    self.notes.push(format!(
                        "{}:{}: external address {own} of server `{}` is private and has no public one beside it \
                         (ConfiguredIPAddress), so it is left out",
                        self.file, net.line, server.fqdn
                    ));
                    continue;
                }
                (None, Some(own)) => own,
                (None, None) => continue,
            };
            let number = interface(net);
            if number == interfaces.access {
                server.access.push(address);
            }
            if interfaces.webcon.as_ref() == Some(&number) {
                server.webcon.push(address);
            }
            if interfaces.av.as_ref() == Some(&number) {
                server.av.push(address);
            }
        }
        Some(server)
    }

    /// An address; none when it is that of all interfaces.
    fn address(&mut self, element: &Element, name: &str) -> Option<IpAddr> {
        let text = element.attribute(name)?.trim();
        if text.is_empty() {
            return None;
        }
        match text.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => None,
            Ok(address) => Some(address),
            Err(_) => {
                self.wrong(element, format!("{name} is `{text}`, expected an IPv4 or IPv6 address"));
                None
            }
        }
    }

    fn port(&mut self, element: &Element) -> Option<u16> {
        let text = element.attribute("Port").unwrap_or_default();
        match text.parse() {
            Ok(port) if port > 0 => Some(port),
            _ => {
                self.wrong(element, format!("Port is `{text}`, expected 1 to 65535"));
                None
            }
        }
    }

    fn optional_host(&mut self, element: &Element, name: &str) -> Option<String> {
        element.attribute(name).filter(|text| !text.trim().is_empty())?;
        self.host(element, name)
    }

    fn host(&mut self, element: &Element, name: &str) -> Option<String> {
        let Some(text) = element.attribute(name) else {
            self.wrong(element, format!("<{}> without {name}, expected a host name", element.name));
            return None;
        };
        match host_name(text.trim()) {
            Ok(host) => Some(host),
            Err(why) => {
                self.wrong(element, format!("{name} `{text}` {why}"));
                None
            }
        }
    }
}

/// The interface that each kind of external name leads to; none for a kind that has the name of the Access Edge.
struct Interfaces {
    access: String,
    webcon: Option<String>,
    av: Option<String>,
}

fn interface(element: &Element) -> String {
    element.attribute("InterfaceNumber").unwrap_or("1").to_owned()
}

/// `<ClusterId SiteId="1" Number="2"/>` as a key.
fn numbered(id: &Element) -> Option<String> {
    Some(format!("{}:{}", id.attribute("SiteId")?, id.attribute("Number")?))
}

/// `<ServiceId SiteId="1" RoleName="EdgeServer" Instance="1"/>` as a key.
fn service_key(id: &Element) -> Option<String> {
    let (site, role) = (id.attribute("SiteId")?, id.attribute("RoleName")?);
    Some(format!("{site}/{role}/{}", id.attribute("Instance").unwrap_or("1")))
}
