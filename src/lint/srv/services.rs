//! The services whose SRV records this program knows.
