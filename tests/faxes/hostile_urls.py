"""Addresses that lead inside, in every form that somebody might read as one; {port} is the trap."""

# ruff: noqa: RUF001 (letters that look alike are the point)

# Loopback, as decimal, octal, hexadecimal, short, mapped, packed, named and disguised.
LOOPBACK = """
127.0.0.1 127.1 127.0.1 127.0.0.1. 127.000.000.001 127.0.0.01 0127.0.0.1 0177.0.0.1 0177.1
017700000001 0o177.0.0.1 0x7f000001 0x7F000001 0x7f.0.0.1 0x7f.1 0x7f.0x0.0x0.0x1 2130706433
2130706433. 6425673729 127.0.0.1.0 127.65793 127.255.255.254 127.0.0.0x1 0 0.0 0.0.0.0 0x0 00
0000.0.0.0 localhost LOCALHOST localhost. LocalHost a.localhost a.b.localhost. [::1] [::0001]
[0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::] [::127.0.0.1] [::7f00:1]
[::ffff:127.0.0.1] [::FFFF:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:7f00:0001]
[::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::]
[2002:7f00:0001::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [::1%lo] [::1%25lo] [::1%251]
[fe80::1%lo] [fe80::1%25lo]
１２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 ⓛocalhost ℓocalhost
127%2e0%2e0%2e1 %31%32%37.0.0.1 127.0.0.1%00.example.com 127.0.0.1%20
127.0.0.1%0d%0a ::1 [127.0.0.1] [::1]]
[[::1]] [::1 ::1] 127..0.0.1 .127.0.0.1 127.0.0.1.. -127.0.0.1 +127.0.0.1 127.0.0.1;example.com
127.0.0.1,example.com 127.0.0.1|example.com (127.0.0.1) {{127.0.0.1}} <127.0.0.1> "127.0.0.1"
'127.0.0.1' `127.0.0.1` 127.0.0.1^ 127.0.0.1~ $127.0.0.1 127.0.0.1* 127.0.0.1! 127.0.0.1&a=b
""".split()  # noqa: SIM905

# Networks within, of neighbours, of clouds and of nobody.
INSIDE = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 100.64.0.1
100.100.100.200 100.127.255.254 169.254.0.1 169.254.169.254 169.254.170.2 192.0.0.192 192.0.0.8
168.63.129.16 198.18.0.1 198.19.255.254 192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1
224.0.0.251 239.255.255.250 240.0.0.1 255.255.255.255 0.1.2.3 [fc00::1] [fd00::1] [fd00:ec2::254]
[fd20:ce::254] [fe80::1] [febf::1] [fec0::1] [ff02::1] [ff0e::1] [100::1] [2001:db8::1] [3fff::1]
[5f00::1] [4000::1] [2001:2::1] [2001:10::1] [2001:20::1] [2002:a9fe:a9fe::] [2002:c0a8:1::1]
[::ffff:169.254.169.254] [::ffff:10.0.0.1] [::ffff:8.8.8.8] [64:ff9b::a9fe:a9fe] [64:ff9b::8.8.8.8]
[::a9fe:a9fe] [2001::1] 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 0xA9.0xFE.0xA9.0xFE
025177524776 169.16689662 10.1 192.168.1 3232235521
""".split()  # noqa: SIM905

# What is no plain URL, or is read one way by one program and another way by the next.
SHAPES = [
    "{port}",
    "127.0.0.1:{port}",
    "//127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "http:/\\127.0.0.1:{port}/",
    "\\\\127.0.0.1:{port}\\",
    " http://127.0.0.1:{port}/",
    "\thttp://127.0.0.1:{port}/",
    "\x00http://127.0.0.1:{port}/",
    "\ufeffhttp://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\n",
    "http://127.0.0.1:{port}/ ",
    "ht\ntp://127.0.0.1:{port}/",
    "http://127.0\n.0.1:{port}/",
    "http://127.0\t.0.1:{port}/",
    "http://127.0.0.1 :{port}/",
    "http:// 127.0.0.1:{port}/",
    "http://127.0.0.1\x00.example.com:{port}/",
    "http://127.0.0.1:{port}/\r\nX-Injected: yes",
    "http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: inside\r\n\r\nGET /",
    "http://127.0.0.1:{port}/%\r\n",
    "http://127.0.0.1\r\n:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://user:word@127.0.0.1:{port}/",
    "http://@127.0.0.1:{port}/",
    "http://:@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://example.com:80@127.0.0.1:{port}/",
    "http://example.com:80:{port}@127.0.0.1:{port}/",
    "http://example.com%40127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@example.com/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\.example.com/",
    "http://127.0.0.1:{port}\\/example.com/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}#.example.com/",
    "http://127.0.0.1:{port}?@example.com/",
    "http://127.0.0.1:{port}?.example.com",
    "http://127.0.0.1:{port};@example.com/",
    "http://127.0.0.1:{port}/\\..\\",
    "http://127.0.0.1:{port}/ä",
    "http://127.0.0.1:0{port}/",
    "http://127.0.0.1:+{port}/",
    "http://127.0.0.1: {port}/",
    "http://127.0.0.1:{port}:{port}/",
    "http://127.0.0.1::{port}/",
    "http://127.0.0.1:{port}a/",
    "http://127.0.0.1:/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:99999/",
    "http://[::1:{port}/",
    "http://::1]:{port}/",
    "http://[::1]{port}/",
    "http://[::1]x:{port}/",
    "http://x[::1]:{port}/",
    "http://[]:{port}/",
    "http://:{port}/",
    "http://",
    "http://./",
    "http://../",
    "http://" + "a" * 64 + ".example/",
    "http://" + "a." * 130 + "example/",
    "http://example.com/" + "a" * 2000,
    "https:127.0.0.1:{port}",
    "HTTP://127.0.0.1:{port}/",
    "hTtP://LOCALHOST:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/etc/passwd",
    "gopher://127.0.0.1:{port}/_GET%20/",
    "dict://127.0.0.1:{port}/info",
    "ldap://127.0.0.1:{port}/",
    "tftp://127.0.0.1:{port}/x",
    "sftp://127.0.0.1:{port}/",
    "ssh://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "jar:http://127.0.0.1:{port}!/",
    "view-source:http://127.0.0.1:{port}/",
    "http+unix://127.0.0.1:{port}/",
    "unix:/run/docker.sock",
    "data:text/plain,inside",
    "javascript:fetch('http://127.0.0.1:{port}')",
    "netdoc://127.0.0.1:{port}/",
    "url:http://127.0.0.1:{port}/",
    "",
]

# Names of which at least one answer leads inside, as (family, address).
NAMES = {
    "inside.example": ["127.0.0.1"],
    "private.example": ["10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "shared.example": ["100.64.0.1"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "mixed-first.example": ["127.0.0.1", "93.184.215.14"],
    "six.example": ["::1"],
    "mixed-six.example": ["93.184.215.14", "::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "six-to-four.example": ["2002:7f00:1::"],
    "zone.example": ["fe80::1%lo"],
    "local.example": ["fd00::1"],
    "many.example": ["224.0.0.1"],
    "nowhere.example": [],
}

HOSTILE = [
    *(f"{scheme}://{host}:{{port}}/" for host in LOOPBACK for scheme in ("http", "https")),
    *(f"http://{host}/latest/meta-data/" for host in INSIDE),
    *SHAPES,
    *(f"{scheme}://{name}:{{port}}/" for name in NAMES for scheme in ("http", "https")),
]
