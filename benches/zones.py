#!/usr/bin/env python3
"""Write deterministic, realistic zone files to measure checkers with (standard library only).

    zones.py tld        N OUT.zone   registry zone "tld.": N records, delegations, glue, DS
    zones.py enterprise N OUT.zone   host zone "corp.example.": N records of 16 types
    zones.py signed     N OUT.zone   "signed.example.": N records, really signed (ECDSA P-256, NSEC)
    zones.py reverse    N OUT.zone   "10.in-addr.arpa.": N PTR records
    zones.py small      1 OUT.zone   "small.example.": one zone of 38 lines
    zones.py fleet      N OUTDIR     N small zones of about 30 records, OUTDIR/<zone>.zone

The same kind, N and --seed always give the same bytes, written as they are made, so that any size
fits into memory. The first line of every file is its $ORIGIN. Every zone is complete and consistent:
name servers have addresses, MX and SRV targets exist and are no aliases, signatures and the NSEC
chain verify until 2036. The nonces of the signatures follow one another, so the keys are as good as
public. Prints one line per file or fleet: kind, origin, records, bytes, path.
"""
import argparse
import base64
import hashlib
import os
import random
import struct
import sys

SYLLABLES = ("ba be bi bo bu da de di do du fa fe fi ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu "
             "na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo za ze zi zo").split()
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SOA_NUMBERS = (2026010100, 7200, 1800, 1209600, 3600)


class Source(random.Random):
    """Random helpers built on random() and getrandbits() only, which stay the same across Python versions."""

    def below(self, n):
        return int(self.random() * n)

    def pick(self, items):
        return items[int(self.random() * len(items))]

    def label(self, low=2, high=4):
        return "".join(self.pick(SYLLABLES) for _ in range(low + self.below(high - low + 1)))

    def unique_labels(self):
        """Distinct labels without end: a readable stem and a base-36 counter."""
        i = 0
        while True:
            n, suffix = i, ""
            while n or not suffix:
                n, digit = divmod(n, 36)
                suffix = DIGITS[digit] + suffix
            yield self.label(1, 4) + suffix
            i += 1

    def bits(self, size):
        return self.getrandbits(8 * size).to_bytes(size, "big")

    def hex(self, size):
        return self.bits(size).hex().upper()

    def b64(self, size):
        return base64.b64encode(self.bits(size)).decode()

    def ipv4(self):                                   # 198.18.0.0/15, the benchmark range
        n = self.getrandbits(17)
        return f"198.{18 + (n >> 16)}.{n >> 8 & 255}.{n & 255}"

    def ten(self):                                    # 10.0.0.0/8
        n = self.getrandbits(24)
        return f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"

    def ipv6(self):                                   # 2001:db8::/32, the documentation range
        n = self.getrandbits(64)
        if n & 1:
            return f"2001:db8:{n >> 48:x}:{n >> 32 & 65535:x}::{n >> 16 & 65535:x}"
        return f"2001:db8:{n >> 48:x}:{n >> 32 & 65535:x}:{n >> 16 & 65535:x}:{n & 65535:x}:0:{n >> 40 & 4095:x}"


def head(origin):
    """$ORIGIN, $TTL, SOA, two name servers and their addresses: 6 records."""
    return (f"$ORIGIN {origin}\n$TTL 3600\n"
            f"@\tIN\tSOA\tns1 hostmaster (\n"
            f"\t\t{SOA_NUMBERS[0]}\t; serial\n\t\t2h\t\t; refresh\n\t\t30m\t\t; retry\n"
            "\t\t2w\t\t; expire\n\t\t1h )\t\t; negative caching\n"
            "\tIN\tNS\tns1\n\tIN\tNS\tns2\nns1\tIN\tA\t192.0.2.53\nns2\tIN\tA\t198.51.100.53\n\tIN\tAAAA\t2001:db8:53::53\n")


# Each writer returns the number of records it wrote.

def tld(rng, count, out):
    """Delegations to 2 to 4 servers; about 15 % with own glue, 10 % signed; both common dump styles mixed."""
    records, delegations, names = 6, 0, rng.unique_labels()
    out.write(head("tld."))
    inside = [f"{next(names)}.tld." for _ in range(max(2, count // 4800))]
    outside = [f"{next(names)}.{rng.pick(('net', 'com', 'example', 'org'))}." for _ in range(max(6, count // 1800))]
    hosters = inside + outside
    while records < count:
        i, delegations = delegations, delegations + 1
        name = inside[i][:-5] if i < len(inside) else next(names)
        if i % 5000 == 0:
            out.write(f"; --- {i} delegations so far ---\n")
        absolute = rng.random() < 0.5                 # registry dump style: every owner in full
        owner = f"{name}.tld." if absolute else name
        front = f"{owner}\t86400\tin\t" if absolute else "\t86400\tIN\t"
        if i < len(inside) or rng.random() < 0.15:
            servers = [f"ns{n}.{name}" for n in range(1, 5 if i < len(inside) else 3)]
        else:
            hoster = rng.pick(hosters)
            servers = [f"ns{n}.{hoster}" for n in range(1, 1 + rng.pick((2, 2, 2, 3, 4)))]
        lines = [f"ns\t{s}.tld." if absolute and s[-1] != "." else f"NS\t{s}" for s in servers]
        if rng.random() < 0.10:
            lines.append(f"DS\t{1 + rng.below(65535)} 13 2 {rng.hex(32)}")
        out.write(("" if absolute else owner) + "".join(f"{front}{line}\n" for line in lines))
        records += len(lines)
        if servers[0][-1] != ".":
            for server in servers:
                host = f"{server}.tld." if absolute else server
                out.write(f"{host}\t86400\tIN\tA\t{rng.ipv4()}\n")
                records += 1
                if rng.random() < 0.4:
                    out.write(f"{host if absolute else ''}\t86400\tIN\tAAAA\t{rng.ipv6()}\n")
                    records += 1
    return records


def enterprise(rng, count, out):
    """Sites of about 200 records under their own $ORIGIN, of every kind an administrator writes by hand."""
    origin, names, site = "corp.example.", rng.unique_labels(), 0
    out.write(head(origin))
    out.write('@\tIN\tMX\t10 mx1.s1\n\tIN\tMX\t20 mx2.s1\n\tIN\tTXT\t"v=spf1 mx -all"\n\tIN\tCAA\t0 issue "ca.example.net; policy=ev"\n')
    records = 10
    while records < count:
        site += 1
        sub = f"s{site}"
        out.write(f"\n; ---- site {site}: {rng.label()} ----\n$ORIGIN {sub}.{origin}\n$TTL {rng.pick(('1h', '3600', '1d', '90m'))}\n")
        out.write(f"@\t1h\tIN\tMX\t10 mx1\n\t1h\tIN\tMX\t20 mx2\nmx1\tA\t{rng.ten()}\nmx2\tA\t{rng.ten()}\n"
                  f"\tAAAA\t{rng.ipv6()}\nedge1\tA\t{rng.ten()}\nedge2\tA\t{rng.ten()}\n"
                  "_sip._tls\tSRV\t10 0 443 edge1\n\tSRV\t20 0 443 edge2\n"
                  "_sipfederationtls._tcp\tSRV\t10 0 5061 edge1\n\tSRV\t20 0 5061 edge2\n"
                  f"_xmpp-server._tcp\tSRV\t10 0 5269 edge1\n\tSRV\t20 0 5269 edge2.{sub}.{origin}\n"
                  '*.apps\tCNAME\tedge1\n_http._tcp\tPTR\tweb._http._tcp\nweb._http._tcp\tSRV\t0 0 80 edge1\n\tTXT\t"path=/"\n')
        records += 17
        hosts = ["edge1", "edge2"]
        end = min(count, records + 183)
        while records < end:
            name, kind = next(names), rng.random()
            if kind < 0.40:
                text = f"{name}\t\tIN A\t{rng.ten()}\t; {rng.label()} {rng.label()}\n"
                hosts.append(name)
            elif kind < 0.55 and end - records > 1:
                ttl = rng.pick(("", "300", "1d"))
                text = f"{name} {ttl} IN\tAAAA {rng.ipv6()}\n\t\t{ttl}\tA\t{rng.ten()}\n"
                records += 1
                hosts.append(name)
            elif kind < 0.68:
                text = f"{name.upper() if kind > 0.67 else name}\tIN\tCNAME\t{rng.pick(hosts)}\n"
            elif kind < 0.72:
                text = f'{name}\tTXT\t"{rng.label()}-verification={rng.hex(16)}" ; token\n'
            elif kind < 0.75:
                text = (f'{name}._domainkey\t1h IN TXT\t( "v=DKIM1; k=rsa; p={rng.b64(90)}"\n'
                        f'\t\t"{rng.b64(96)}"\t; second part\n\t\t"{rng.b64(32)}" )\n')
            elif kind < 0.76:
                text = f'{name}\tTXT\t"a \\"quoted\\" word; caf\\195\\169 \\\\ end" unquoted\\;text\n'
            elif kind < 0.80:
                text = f"_443._tcp.{rng.pick(hosts)}\tTLSA\t3 1 1 (\n\t\t{rng.hex(16)}\n\t\t{rng.hex(16)} )\n"
            elif kind < 0.85:
                text = f"{name}\tSSHFP\t4 2 {rng.hex(32)}\n"
            elif kind < 0.88:
                text = f'{name}\tNAPTR\t100 10 "S" "SIPS+D2T" "" _sip._tls.{sub}.{origin}\n'
            elif kind < 0.92:
                text = f"_ldap._tcp.{name}\t600\tSRV\t{rng.below(50)} {rng.below(100)} 389 {rng.pick(hosts)}\n"
            elif kind < 0.94:
                text = f"{name}\tMX\t10 mx{1 + rng.below(2)}\n"
            elif kind < 0.96:
                text = f"{name}._ipp._tcp\tPTR\t{rng.pick(hosts)}\n"
            elif kind < 0.98:
                text = f'{name}\tCAA\t0 {rng.pick(("issue", "issuewild"))} "{rng.label()}.example"\n'
            elif kind < 0.99 or end - records < 2:
                text = f'{name}\tHINFO\t"x86-64" "Linux"\n'
            else:
                text = f"{name}\tNS\tns1.{origin}\n\tNS\tns2.{origin}\n"
                records += 1
            out.write(text)
            records += 1
    return records


def reverse(rng, count, out):
    """PTR records of 10/8, half of the /24 blocks under an $ORIGIN of their own."""
    out.write(head("10.in-addr.arpa."))
    for i in range(count):
        low, mid, high = i & 255, i >> 8 & 255, i >> 16 & 255
        if low == 0:
            out.write(f"$ORIGIN {mid}.{high}.10.in-addr.arpa.\n" if mid & 1 else "$ORIGIN 10.in-addr.arpa.\n")
        out.write(f"{low}\tPTR\t" if mid & 1 else f"{low}.{mid}.{high}\tIN\tPTR\t")
        out.write(f"{rng.label()}{i}.corp.example.\n")
    return count + 6


def fleet_zone(rng, origin, out, hosts=None):
    """A small company's zone with two Edge pools."""
    out.write(head(origin))
    out.write(f'@\tMX\t10 mail\n\tTXT\t"v=spf1 mx -all"\n\tCAA\t0 issue "ca.example.net"\nmail\tA\t{rng.ipv4()}\n\tAAAA\t{rng.ipv6()}\n'
              f'_dmarc\tTXT\t"v=DMARC1; p=reject"\n@\tA\t{rng.ipv4()}\nwww\tCNAME\t@\n'
              f"edge1\tA\t{rng.ipv4()}\t; {rng.label()} pool\nedge2\tA\t{rng.ipv4()}\t; {rng.label()} pool\n")
    for service, port in (("_sip._tls", 443), ("_sipfederationtls._tcp", 5061), ("_xmpp-server._tcp", 5269)):
        out.write(f"{service}\tSRV\t10 0 {port} edge1\n\tSRV\t20 0 {port} edge2\n")
    hosts = hosts or 3 + rng.below(12)
    for host in range(hosts):
        out.write(f"{rng.label()}{host}\t\tIN A\t{rng.ipv4()}\n")
    return 22 + hosts


def small(rng, _, out):
    """One zone of the fleet with 38 lines."""
    return fleet_zone(rng, "small.example.", out, hosts=9)


def fleet(rng, count, directory):
    os.makedirs(directory, exist_ok=True)
    records = size = 0
    for i, name in zip(range(count), rng.unique_labels()):
        path = os.path.join(directory, f"{name}.example.zone")
        with open(path, "w", encoding="ascii", newline="\n") as out:
            records += fleet_zone(rng, f"{name}.example.", out)
            size += out.tell()
    return records, size


# ---- the signed zone: ECDSA P-256 in plain Python -------------------------------------
# Nonces run on from one another, so that one table of points and one modular inverse serve
# a whole batch. That gives the key away: right for a throwaway zone, wrong for anything else.

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
TYPES = {"A": 1, "NS": 2, "SOA": 6, "TXT": 16, "AAAA": 28, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48}
INCEPTION, EXPIRATION = 1767225600, 2082758400        # 2026-01-01, 2036-01-01
TIMES = "20360101000000 20260101000000"


def add(a, b):
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point=G):
    result = None
    for bit in f"{k:b}":
        result = add(result, result) if result else None
        if bit == "1":
            result = add(result, point) if result else point
    return result


def inverses(values, modulus):
    products, running = [], 1
    for value in values:
        products.append(running)
        running = running * value % modulus
    running, result = pow(running, -1, modulus), []
    for value, product in zip(reversed(values), reversed(products)):
        result.append(running * product % modulus)
        running = running * value % modulus
    return result[::-1]


class Signer:
    BATCH = 1024

    def __init__(self, rng, origin, flags):
        self.secret = 1 + rng.getrandbits(250)
        self.nonce = 1 + rng.getrandbits(250)
        self.table = [G]
        for _ in range(self.BATCH - 1):
            self.table.append(add(self.table[-1], G))
        self.ready = []
        x, y = multiply(self.secret)
        self.key = struct.pack(">HBB", flags, 3, 13) + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        total = sum(struct.unpack(f">{len(self.key) // 2}H", self.key))
        self.tag = (total + (total >> 16)) & 0xFFFF
        self.origin, self.signer = origin, wire(origin)

    def refill(self):
        base_x, base_y = multiply(self.nonce)
        nonces = [self.nonce + j for j in range(1, self.BATCH + 1)]
        points = inverses([x - base_x for x, _ in self.table], P)
        for (x, y), inverse, nonce in zip(self.table, points, inverses(nonces, N)):
            slope = (y - base_y) * inverse
            self.ready.append(((slope * slope - base_x - x) % P % N, nonce))
        self.nonce += self.BATCH + 1

    def rrsig(self, owner, kind, ttl, rdatas):
        """The RRSIG's presentation fields for one RRset, OWNER in full and lower case."""
        if not self.ready:
            self.refill()
        r, inverse = self.ready.pop()
        labels = owner.count(".")
        text = struct.pack(">HBBIIIH", TYPES[kind], 13, labels, ttl, EXPIRATION, INCEPTION, self.tag) + self.signer
        front = wire(owner) + struct.pack(">HHI", TYPES[kind], 1, ttl)
        for rdata in sorted(rdatas):
            text += front + struct.pack(">H", len(rdata)) + rdata
        digest = int.from_bytes(hashlib.sha256(text).digest(), "big")
        s = inverse * (digest + r * self.secret) % N
        signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
        return f"{kind} 13 {labels} {ttl} {TIMES} {self.tag} {self.origin} ", signature


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def nsec(following, kinds):
    bitmap = bytearray(7)
    for kind in kinds:
        bitmap[TYPES[kind] >> 3] |= 0x80 >> (TYPES[kind] & 7)
    used = max(TYPES[kind] for kind in kinds) // 8 + 1
    return wire(following) + bytes([0, used]) + bytes(bitmap[:used])


def signed(rng, count, out):
    """Every RRset with its RRSIG and every name in one NSEC chain; half of the signatures over several lines."""
    origin = "signed.example."
    keys = {"ksk": Signer(rng, origin, 257), "zsk": Signer(rng, origin, 256)}
    records, planned, labels = 0, 22, rng.unique_labels()
    names = {"": None, "ns1": None, "ns2": None}
    while planned < count:
        extra = rng.random()
        names[next(labels)] = extra
        planned += 4 + 2 * (extra < 0.3) + 2 * (extra < 0.1)

    def rrset(owner, kind, ttl, pairs):
        nonlocal records, shown
        full = f"{owner}.{origin}" if owner else origin
        for text, _ in pairs:
            out.write(f"{shown}\t{ttl}\tIN\t{kind}\t{text}\n")
            shown = ""
        key = keys["ksk" if kind == "DNSKEY" else "zsk"]
        front, signature = key.rrsig(full, kind, ttl, [rdata for _, rdata in pairs])
        if rng.random() < 0.5:
            out.write(f"\t{ttl}\tIN\tRRSIG\t{front}{signature}\n")
        else:
            out.write(f"\t{ttl}\tRRSIG\t{front[:-1]} (\n\t\t\t\t{signature[:56]}\n\t\t\t\t{signature[56:]} )\n")
        records += len(pairs) + 1

    def address(text):
        return text, bytes(map(int, text.split(".")))

    order = sorted(names)                             # one label each, so byte order is canonical order
    for name, following in zip(order, order[1:] + [""]):
        extra, kinds, shown = names[name], [], name or "@"
        if not name:
            out.write(f"$ORIGIN {origin}\n$TTL 3600\n")
            numbers = SOA_NUMBERS
            rrset(name, "SOA", 3600, [(f"ns1 hostmaster {' '.join(map(str, numbers))}",
                                       wire(f"ns1.{origin}") + wire(f"hostmaster.{origin}") + struct.pack(">5I", *numbers))])
            rrset(name, "NS", 3600, [(ns, wire(f"{ns}.{origin}")) for ns in ("ns1", "ns2")])
            rrset(name, "DNSKEY", 3600, [(f"{flags} 3 13 {base64.b64encode(key.key[4:]).decode()} ; key tag {key.tag}", key.key)
                                         for flags, key in ((257, keys["ksk"]), (256, keys["zsk"]))])
            kinds = ["NS", "SOA", "DNSKEY"]
        else:
            kinds.append("A")
            rrset(name, "A", 3600, [address({"ns1": "192.0.2.53", "ns2": "198.51.100.53"}.get(name) or rng.ipv4())])
            if extra is not None and extra < 0.1:
                kinds.append("TXT")
                token = rng.hex(16)
                rrset(name, "TXT", 3600, [(f'"{token}"', bytes([len(token)]) + token.encode())])
            if extra is None or extra < 0.3:
                kinds.append("AAAA")
                low = rng.getrandbits(16) | 4096
                rrset(name, "AAAA", 3600, [(f"2001:db8::{low:x}", bytes.fromhex("20010db8") + bytes(10) + struct.pack(">H", low))])
        kinds = sorted(kinds + ["RRSIG", "NSEC"], key=TYPES.get)
        full = f"{following}.{origin}" if following else origin
        rrset(name, "NSEC", 3600, [(f"{following or '@'} {' '.join(kinds)}", nsec(full, kinds))])
    return records


KINDS = {"tld": tld, "enterprise": enterprise, "signed": signed, "reverse": reverse, "small": small}


def build(kind, count, path, seed=1):
    """Writes a zone, or a folder of them: its origin, its records and its octets."""
    rng = Source(seed)
    if kind == "fleet":
        records, size = fleet(rng, count, path)
        return f"{count} zones", records, size
    with open(path, "w", encoding="ascii", newline="\n", buffering=1 << 20) as out:
        records = KINDS[kind](rng, count, out)
    with open(path, encoding="ascii") as done:
        origin = done.readline().split()[1]
    return origin, records, os.path.getsize(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=[*KINDS, "fleet"])
    parser.add_argument("count", type=int, help="N: records, or zones (fleet)")
    parser.add_argument("out", help="file, or folder for the fleet")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another zone of the same shape (default 1)")
    args = parser.parse_args()
    if args.count < 1:
        parser.error("N must be at least 1")
    origin, records, size = build(args.kind, args.count, args.out, args.seed)
    print(f"{args.kind}\t{origin}\t{records} records\t{size} bytes\t{args.out}")


if __name__ == "__main__":
    sys.exit(main())
