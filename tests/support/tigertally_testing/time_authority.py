"""A real time-stamping authority for tests: Debian's `openssl ts` behind a small HTTP server.

authority = TimeAuthority.make(folder)      certificates by openssl itself
with authority.served() as url: …           POST application/timestamp-query
authority.accepts(data, response)           openssl's own verdict
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_CONFIG = """
[tsa]
default_tsa = it
[it]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/chain.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamping]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[other]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[req]
distinguished_name = name
[name]
"""


@dataclass(frozen=True, slots=True)
class TimeAuthority:
    """Its folder: ca.pem, chain.pem, tsa.pem, tsa.key, openssl.cnf."""

    folder: Path

    @classmethod
    def make(
        cls, folder: Path, *, key: str = "rsa:2048", purpose: str = "stamping", ess: str = "sha256"
    ) -> TimeAuthority:
        """A root, an authority between, the stamping certificate."""
        folder.mkdir(parents=True, exist_ok=True)
        it = cls(folder)
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder, ess=ess))
        (folder / "serial").write_text("01\n")
        it._certificate("ca", "Test root", "ca", "", key)
        it._certificate("between", "Test authority", "ca", "ca", key)
        it._certificate("tsa", "Test time stamps", purpose, "between", key)
        (folder / "chain.pem").write_text((folder / "between.pem").read_text())
        return it

    def _certificate(self, name: str, subject: str, section: str, issuer: str, key: str) -> None:
        place = self.folder / name
        kind = ["-newkey", key] if key.startswith("rsa") else [
            "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{key}"
        ]  # fmt: skip
        by = ["-CA", f"{self.folder}/{issuer}.pem", "-CAkey", f"{self.folder}/{issuer}.key"]
        self._openssl(
            "req", "-x509", *kind, "-nodes", "-days", "30", "-subj", f"/CN={subject}",
            "-config", f"{self.folder}/openssl.cnf", "-extensions", section,
            "-keyout", f"{place}.key", "-out", f"{place}.pem", *(by if issuer else []),
        )  # fmt: skip

    def _openssl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def stamp(self, question: bytes) -> bytes:
        """The DER answer to a DER question."""
        asked = self.folder / "asked.tsq"
        asked.write_bytes(question)
        self._openssl(
            "ts", "-reply", "-config", f"{self.folder}/openssl.cnf",
            "-queryfile", str(asked), "-out", f"{self.folder}/answer.tsr",
        )  # fmt: skip
        return (self.folder / "answer.tsr").read_bytes()

    def accepts(self, data: bytes, response: bytes) -> bool:
        """Whether `openssl ts -verify` finds it good."""
        for name, octets in (("data", data), ("response", response)):
            (self.folder / name).write_bytes(octets)
        verdict = subprocess.run(
            ["openssl", "ts", "-verify", "-data", "data", "-in", "response",
             "-CAfile", "ca.pem", "-untrusted", "between.pem"],
            cwd=self.folder, check=False, capture_output=True,
        )  # fmt: skip
        return verdict.returncode == 0

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address while it listens."""
        authority, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    answer = authority.stamp(question)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
            server.shutdown()
            thread.join()
