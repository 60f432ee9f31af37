//! How the records of a deployment have to look, and for how long they may be cached.

/// `policy.federation`: how inbound federation finds the pool that is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FederationPolicy {
    /// A record per pool, distinct priorities; a failover puts the surviving pool first.
    #[default]
    SrvPriority,
    /// One record, naming the pool that holds the route.
    SingleActive,
    /// One name shared by several pools, answered by a traffic manager.
    GeoDns,
    /// A record per pool, any priorities.
    MultiFederated,
}

/// `policy.remote_access`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemoteAccessPolicy {
    /// A record per pool, distinct priorities.
    #[default]
    SrvPriority,
    /// One record.
    Single,
}

/// `policy.xmpp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XmppPolicy {
    /// A record per pool with a target name per pool, distinct priorities.
    #[default]
    Prestaged,
    /// One record to `xmpp.<sip domain>`; its addresses move.
    SwingA,
}

/// `policy.target_match`: which SRV targets a client accepts for a SIP domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetMatch {
    /// The SIP domain itself or below it.
    #[default]
    Strict,
    /// Also the parent domain, when that is a SIP domain too.
    Suffix,
    /// Any.
    Off,
}

/// All policies of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Inbound federation.
    pub federation: FederationPolicy,
    /// Sign-in from outside.
    pub remote_access: RemoteAccessPolicy,
    /// XMPP federation.
    pub xmpp: XmppPolicy,
    /// Accepted SRV targets.
    pub target_match: TargetMatch,
    /// TTL in seconds while a move is pending; never longer than `steady_ttl`.
    pub switch_ttl: u32,
    /// TTL in seconds otherwise.
    pub steady_ttl: u32,
    /// Recovery time objective in seconds.
    pub rto: Option<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            federation: FederationPolicy::default(),
            remote_access: RemoteAccessPolicy::default(),
            xmpp: XmppPolicy::default(),
            target_match: TargetMatch::default(),
            switch_ttl: 300,
            steady_ttl: 3600,
            rto: None,
        }
    }
}
