"""What stands before a portal on the internet: it speaks TLS, and passes on what is said in it.

``python -m tests.real.front PORT PORTAL_PORT CERTIFICATE``; the file holds the key, too.
"""

import asyncio
import ipaddress
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def certify(folder: Path) -> tuple[Path, Path]:
    """Make an authority and a certificate of this machine by it; the files of both."""
    theirs, ours = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests of the portal")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    authority, certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(extension, critical=critical)
        .sign(theirs, hashes.SHA256())
        for name, key, extension, critical in (
            (issuer, theirs, x509.BasicConstraints(ca=True, path_length=None), True),
            (subject, ours, x509.SubjectAlternativeName(here), False),
        )
    )
    trusted, shown = folder / "authority.pem", folder / "certificate.pem"
    trusted.write_bytes(authority.public_bytes(Encoding.PEM))
    key = ours.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown.write_bytes(certificate.public_bytes(Encoding.PEM) + key)
    return trusted, shown


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
            return
    writer.close()


async def serve(port: int, portal_port: int, certificate: Path) -> None:
    """Serve until this process is ended."""

    async def take(reader: StreamReader, writer: StreamWriter) -> None:
        portal_reader, portal_writer = await asyncio.open_connection("127.0.0.1", portal_port)
        await asyncio.gather(_pass_on(reader, portal_writer), _pass_on(portal_reader, writer))
        portal_writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(take, "127.0.0.1", port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
