//! The runbook of a move to Microsoft 365, or back. Zones are one step of it, and the tenant is another
//! person's.

use super::command::command;
use super::dns;
use super::facts::Facts;
use super::paper::{Actor, Paper};
use super::start;
use super::words::{code, listed, one_line, plain};
use crate::plan::Hosting;
use std::collections::BTreeSet;

pub(super) fn runbook(facts: &Facts<'_>, to: Hosting, sip_domains: &BTreeSet<String>) -> String {
    let mut paper = Paper::default();
    let domains = listed(&sip_domains.iter().map(|domain| code(domain)).collect::<Vec<_>>());
    title(&mut paper, facts, to, sip_domains, &domains);
    start::tables(&mut paper, facts);
    preconditions(&mut paper, to);
    paper.heading(2, "Steps");
    paper.paragraph(
        "[DNS] name servers, [PS] PowerShell as the step says, [V] verification. Names are those of `zonewright.toml`.",
    );
    dns::steps(&mut paper, facts);
    tenant(&mut paper, to);
    paper.heading(2, "Verify");
    dns::answers(&mut paper, facts);
    paper.step(
        Actor::Check,
        "A client outside that was signed out signs in without a server name in its settings, and a message to a partner arrives.",
    );
    limits(&mut paper, to);
    way_back(&mut paper, facts, to);
    paper.finish()
}

fn title(paper: &mut Paper, facts: &Facts<'_>, to: Hosting, sip_domains: &BTreeSet<String>, domains: &str) {
    let names = listed(&sip_domains.iter().map(|domain| plain(domain)).collect::<Vec<_>>());
    let (heading, result) = match to {
        Hosting::TeamsOnly(cloud) => (
            format!("Move of {names} to Microsoft 365"),
            format!(
                "Sign-in and federation of {domains} lead to Microsoft 365 ({}) and no longer to an Edge pool: two SRV records and the aliases `sip` and `lyncdiscover` of each SIP domain. XMPP ends there: Microsoft 365 has none.",
                cloud.word()
            ),
        ),
        Hosting::Hybrid => (
            format!("Hybrid deployment of {names}"),
            format!(
                "Sign-in and federation of {domains} lead on-premises, also for users in Microsoft 365. Records that lead there already stay as they are."
            ),
        ),
        Hosting::OnPremises => (
            format!("Return of {names} from Microsoft 365"),
            format!(
                "Sign-in and federation of {domains} lead on-premises, as in a hybrid deployment. Records that lead there already stay as they are."
            ),
        ),
    };
    paper.heading(1, &heading);
    paper.paragraph(&result);
    for warning in &facts.plan.warnings {
        paper.note(&one_line(warning));
    }
}

fn preconditions(paper: &mut Paper, to: Hosting) {
    paper.heading(2, "Before you start");
    paper.precondition(
        Actor::Shell,
        "In the tenant (module `MicrosoftTeams`): every SIP domain of this plan is listed and enabled.",
    );
    paper.fence("powershell", "Get-CsOnlineSipDomain\n");
    match to {
        Hosting::TeamsOnly(_) => {
            paper.precondition(
                Actor::Shell,
                "On-premises, in the Management Shell: no user is left there. This prints nobody:",
            );
            paper.fence("powershell", "Get-CsUser -Filter {HostingProvider -eq \"SRV:\"}\n");
            paper.precondition(
                Actor::Shell,
                "In the tenant: look up the coexistence mode. That of the whole tenant cannot become `TeamsOnly` while records of a SIP domain lead on-premises, so it changes after the zones.",
            );
            paper.fence("powershell", "Get-CsTeamsUpgradePolicy -Identity Global\n");
            paper.precondition(Actor::Check, "No partner needs XMPP any more.");
        }
        Hosting::Hybrid | Hosting::OnPremises => {
            paper.precondition(
                Actor::Check,
                "The Edge pools run, and the firewall lets clients and partners through to them.",
            );
        }
    }
}

fn tenant(paper: &mut Paper, to: Hosting) {
    paper.heading(3, "Tenant");
    match to {
        Hosting::TeamsOnly(_) => {
            paper.step(
                Actor::Shell,
                "After that wait, and only when every SIP domain of the tenant leads to Microsoft 365: set the coexistence mode of the tenant.",
            );
            paper.fence("powershell", "Grant-CsTeamsUpgradePolicy -PolicyName UpgradeToTeams -Global\n");
            paper.step(Actor::Shell, "Then end the shared SIP address space in the tenant.");
            paper.fence("powershell", "Set-CsTenantFederationConfiguration -SharedSipAddressSpace $false\n");
        }
        Hosting::Hybrid | Hosting::OnPremises => {
            paper.step(Actor::Shell, "Check that the tenant shares the SIP address space: users in Microsoft 365 are reached through the Edge pools only then.");
            paper.fence(
                "powershell",
                "Get-CsTenantFederationConfiguration | Select-Object SharedSipAddressSpace\n",
            );
            if to == Hosting::OnPremises {
                paper.step(
                    Actor::Shell,
                    "The hybrid connection ends once nobody is left in Microsoft 365; this plan does not end it.",
                );
            }
        }
    }
}

fn limits(paper: &mut Paper, to: Hosting) {
    paper.heading(2, "What this does not do");
    let mut items = vec![
        String::from(
            "The diff changes SRV, CNAME and address records, their TTLs and the serials, nothing else. It moves no user and does not change the tenant.",
        ),
        String::from(
            "Partners with direct federation, who entered the name of an Access Edge by hand, are not told: no SRV record reaches them.",
        ),
        String::from(
            "It does not empty caches of resolvers and clients (`EndpointConfiguration.cache`); a client may keep what Autodiscover answered before.",
        ),
    ];
    if let Hosting::TeamsOnly(_) = to {
        items.push(String::from(
            "It leaves all other names as they are: those of the Edge pools, of meetings, web conferencing, A/V and the Front End pools.",
        ));
    }
    paper.bullets(&items);
}

fn way_back(paper: &mut Paper, facts: &Facts<'_>, to: Hosting) {
    if facts.plan.is_empty() {
        return;
    }
    paper.heading(2, "How to go back");
    paper.paragraph(
        "Make the way back from the zones as they are before this plan, and keep it: it restores every record and comment, the serials raised once more. Addresses that an alias replaced are in no configuration.",
    );
    paper.fence("sh", &format!("{} --back > way-back.diff\n", command(facts)));
    if let Hosting::TeamsOnly(_) = to {
        paper.paragraph(
            "Without it, with `zonewright.toml` as it is before this plan: `zonewright plan m365 --to on-premises` makes the SRV records anew, and names what a person must add. Undo the steps in the tenant first, the last one first.",
        );
    }
}
