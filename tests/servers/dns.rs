//! Asks a server over TCP: one RRset, or a whole zone.

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use std::collections::BTreeSet;
use std::io::{Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Owner in lower case with its final dot, type, TTL in seconds, RDATA.
pub(crate) type Row = (String, String, u32, String);

/// A zone as it is served, without the SOA record, and the serial of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) serial: u32,
    pub(crate) rows: BTreeSet<Row>,
}

fn open(server: SocketAddr, owner: &str, rtype: RecordType) -> Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&server, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(owner).unwrap(), rtype));
    let octets = message.to_vec().unwrap();
    let length = u16::try_from(octets.len()).unwrap().to_be_bytes();
    stream.write_all(&[length.as_slice(), &octets].concat())?;
    Ok(stream)
}

fn next(stream: &mut TcpStream) -> Result<Message> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut octets)?;
    Ok(Message::from_vec(&octets).unwrap())
}

fn rows(message: &Message) -> impl Iterator<Item = Row> + '_ {
    message.answers.iter().map(|record| {
        let owner = record.name.to_ascii().to_ascii_lowercase();
        (owner, record.record_type().to_string(), record.ttl, record.data.to_string())
    })
}

/// The records that a server answers with, when it answers with authority.
pub(crate) fn rrset(server: SocketAddr, owner: &str, rtype: &str) -> Result<BTreeSet<Row>> {
    let answer = next(&mut open(server, owner, rtype.parse().unwrap())?)?;
    if !answer.metadata.authoritative {
        return Err(std::io::Error::other(format!("{owner} {rtype}: {}", answer.metadata.response_code)));
    }
    Ok(rows(&answer).collect())
}

/// The serial of a zone.
pub(crate) fn serial(server: SocketAddr, apex: &str) -> Result<u32> {
    let rows = rrset(server, apex, "SOA")?;
    rows.iter().find_map(serial_of).ok_or_else(|| std::io::Error::other(format!("{apex}: no SOA record")))
}

fn serial_of(row: &Row) -> Option<u32> {
    row.3.split(' ').nth(2).filter(|_| row.1 == "SOA")?.parse().ok()
}

/// The whole zone, by a transfer.
pub(crate) fn zone(server: SocketAddr, apex: &str) -> Served {
    let mut stream = open(server, apex, RecordType::AXFR).unwrap();
    let (mut served, mut ends) = (Served { serial: 0, rows: BTreeSet::new() }, 0);
    while ends < 2 {
        let message = next(&mut stream).unwrap();
        assert!(!message.answers.is_empty(), "{apex} by {server}: {}", message.metadata.response_code);
        for row in rows(&message) {
            if let Some(serial) = serial_of(&row) {
                (served.serial, ends) = (serial, ends + 1);
            } else {
                served.rows.insert(row);
            }
        }
    }
    served
}
