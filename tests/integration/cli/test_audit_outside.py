"""What leaves the house for outsiders, and what they see: Go's own transparency code, an auditor's
verifier, a witness, a time-stamping authority. And a log rebuilt from scratch by somebody who has
every key of the bank: it passes at home, and witness and stamp expose it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from tigertally_client import log as auditor
from tigertally_client.proof import verify as verify_proof
from tigertally_client.verification.notes import parse_key
from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import SUPERUSER
from tigertally_server.app.attesting import TimeStamps, Witnesses
from tigertally_server.app.signers import Signers
from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import NO_PREVIOUS, build_checkpoint
from tigertally_server.audit.head import make_head
from tigertally_server.audit.leaf import leaf_hash
from tigertally_server.cli.house import open_house
from tigertally_server.cli.output import CommandError
from tigertally_server.config import TimeStampSection, WitnessSection
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store import audit_rounds
from tigertally_server.store.rows import ENTRY_COLUMNS, entry_of
from tigertally_testing import softhsm
from tigertally_testing.time_authority import TimeAuthority
from tigertally_witness.__main__ import create, read_key, read_logs
from tigertally_witness.server import WitnessServer
from tigertally_witness.state import WitnessState
from tigertally_witness.witness import Witness

_FOREIGN = Path(__file__).parents[2] / "foreign" / "tlogcheck"


class Outside:
    """A log with two rounds, and its auditor."""

    def __init__(self, tool: Any) -> None:
        self.tool = tool
        self.folder = tool.state / "tlog"
        self.grow("C", 6)
        self.grow("D", 12)
        (row,) = tool.sql("SELECT checkpoint_public_key FROM tigertally.installation")
        self.key = bytes(row[0]).hex()
        ((self.shard,),) = tool.sql(
            "SELECT shard FROM tigertally.entry GROUP BY shard ORDER BY count(*) DESC LIMIT 1"
        )

    def grow(self, letter: str, count: int) -> None:
        with open_house(self.tool.config) as house:
            for number in range(count):
                if number in {0, count - 1}:  # the last one on another shard
                    store, context = house.unit._store, house.environment.context
                    house.unit = UnitOfWork(store, context, min(number, 1))
                house.act("test", {"number": f"{letter}{number}"})
        self.tool.checkpoint()

    def audit(self, *arguments: str) -> int:
        return auditor.main([*arguments, "--key", self.key])

    def verify(self, *more: str) -> Any:
        result = self.tool.run("audit", "verify", "--quiet", "--json", *more)
        assert result.exit_code in {0, 1}, result.output
        return json.loads(result.stdout)

    def kinds(self, *more: str) -> set[str]:
        return set(self.verify(*more)["counts"])

    def sizes(self) -> list[int]:
        rows = self.tool.sql(
            "SELECT size FROM tigertally.checkpoint WHERE shard = %s ORDER BY size", self.shard
        )
        return [size for (size,) in rows]

    def rebuild(self) -> None:
        """Everything written anew around one changed entry, under the bank's own keys."""
        with open_house(self.tool.config) as house:
            key = house.environment.keyring.head_mac_key()
        with connect(self.tool.database.dsn(SUPERUSER)) as conn:
            conn.execute("SET session_replication_role = replica")
            conn.execute(
                "UPDATE tigertally.entry SET at_ms = at_ms + 1 WHERE shard = %s AND seq = 1",
                (self.shard,),
            )
            every = f"SELECT {ENTRY_COLUMNS} FROM tigertally.entry WHERE shard = %s ORDER BY seq"
            rows = conn.execute(every.encode(), (self.shard,)).fetchall()
            leaves = [leaf_hash(entry_of(row).entry) for row in rows]
            for seq, leaf in enumerate(leaves):
                conn.execute(
                    "UPDATE tigertally.entry SET leaf = %s WHERE shard = %s AND seq = %s",
                    (leaf, self.shard, seq),
                )
            head = make_head(key, self.shard, merkle.append(merkle.EMPTY, leaves))
            conn.execute(
                "UPDATE tigertally.shard_head SET frontier = %s, root = %s, mac = %s "
                "WHERE shard = %s",
                (head.frontier, head.root, head.mac, self.shard),
            )
            conn.execute("DELETE FROM tigertally.checkpoint")
            conn.execute("DELETE FROM tigertally.audit_round")
            conn.commit()
        (self.tool.state / "checkpoints.log").unlink()
        evidence = {n: self.folder / n for n in ("stamps", "witnessed.notes")}
        kept = {n: p.rename(p.with_name(f"{n}.kept")) for n, p in evidence.items() if p.exists()}
        for path in self.folder.iterdir():
            if path.is_dir() and path not in kept.values():
                shutil.rmtree(path)
        self.tool.checkpoint()
        for name, path in kept.items():
            path.rename(evidence[name])


@pytest.fixture
def outside(tool: Any) -> Outside:
    return Outside(tool)


# ---------------------------------------------------------------- foreign tools


@pytest.fixture(scope="session")
def tlogcheck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Go's own code, built; skipped, loudly, where there is no Go or no way to its modules."""
    program = tmp_path_factory.mktemp("go") / "tlogcheck"
    if shutil.which("go") is None:
        _loudly("WITHOUT Go: no foreign tool looks at the published log")
    built = subprocess.run(
        # Unoptimised: most of what is compiled is Go's own library.
        ["go", "build", "-gcflags=all=-N -l", "-o", str(program), "."],
        cwd=_FOREIGN, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if built.returncode and ("dial" in built.stderr or "proxy" in built.stderr):
        _loudly("WITHOUT Go's modules: no foreign tool looks at the published log")
    assert built.returncode == 0, built.stderr
    return program


def _loudly(reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)


def test_gos_checksum_database_reads_our_log(outside: Outside, tlogcheck: Path) -> None:
    keys = [line["key"] for line in outside.tool.json("audit", "keys")]
    old = outside.sizes()[0]
    ((note,),) = outside.tool.sql(
        "SELECT note FROM tigertally.checkpoint WHERE shard = %s AND size = %s", outside.shard, old
    )
    for name in (str(outside.shard), "rounds"):
        key = next(key for key in keys if parse_key(key).name.endswith(f"/{name}"))
        older = [str(old), note.split("\n")[2]] if name != "rounds" else []
        said = subprocess.run(
            [tlogcheck, outside.folder / name, key, *older],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert " proven" in said.stdout
    tile = _edge(outside)
    tile.write_bytes(bytes(len(tile.read_bytes())))
    key = next(key for key in keys if parse_key(key).name.endswith(f"/{outside.shard}"))
    refused = subprocess.run(
        [tlogcheck, outside.folder / str(outside.shard), key], check=False, capture_output=True
    )
    assert refused.returncode == 1


# ---------------------------------------------------------------- the auditor


def test_the_published_log_holds_for_an_auditor(outside: Outside, capsys: Any) -> None:
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder)) == 0
    told = capsys.readouterr().out
    assert "2 rounds" in told
    assert "every tile as it was signed" in told


def test_every_file_of_the_published_log_is_watched(outside: Outside, capsys: Any) -> None:
    """Each file altered, cut, removed: both verifiers find it, and name it."""
    files = [path for path in outside.folder.rglob("*") if path.is_file() and path.name != "keys"]
    for path in files:
        whole = path.read_bytes()
        if "witnessed" in path.name or _superseded(path):
            continue
        for damaged in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], whole[:-32], None):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            assert outside.audit("verify", str(outside.folder)) == 1, path
            captured = capsys.readouterr()
            named = str(path.relative_to(outside.folder)).partition("tile/")[2] or "checkpoint"
            assert named in captured.out + captured.err, path
            path.write_bytes(whole)
    assert len(files) > 10
    assert outside.audit("verify", str(outside.folder)) == 0


def _edge(outside: Outside) -> Path:
    """The partial tile of the published size."""
    folder: Path = outside.folder
    partial = (folder / str(outside.shard) / "tile/0/000.p").iterdir()
    return max(partial, key=lambda path: int(path.name))


def _superseded(path: Path) -> bool:
    """A partial tile of an earlier size."""
    if path.parent.suffix != ".p":
        return False
    return any(int(other.name) > int(path.name) for other in path.parent.iterdir())


def test_an_altered_tile_is_named_by_the_house_too(outside: Outside) -> None:
    tile = _edge(outside)
    whole = tile.read_bytes()
    tile.write_bytes(whole[32:64] + whole[:32] + whole[64:])
    found = outside.verify()["findings"]
    assert len(found) == 1, found
    (finding,) = found
    assert finding["kind"] == "tile-altered"
    assert f"0/000.p/{tile.name}" in finding["text"]
    tile.unlink()
    assert outside.kinds() == {"tile-missing"}


def test_consistency_between_any_two_checkpoints(outside: Outside, tmp_path: Path) -> None:
    old, new = outside.sizes()
    path = tmp_path / "consistency.json"
    outside.tool(
        "audit", "consistency", str(old), str(new), "--log", str(outside.shard), "--out", str(path)
    )
    assert outside.audit("consistency", str(path)) == 0
    document = json.loads(path.read_text())
    rounds = json.loads(outside.tool("audit", "consistency", "1", "2").stdout)
    for change in (
        {"proof": document["proof"][1:]},
        {"proof": [*document["proof"], "00" * 32]},
        {"old": document["new"]},
        {"old": rounds["old"]},
        {"old": document["old"].replace("\ntime 1", "\ntime 2", 1)},
        {"format": "other"},
    ):
        path.write_text(json.dumps({**document, **change}))
        assert outside.audit("consistency", str(path)) == 1, change
    assert "no signed checkpoint" in outside.tool.fails(
        "audit", "consistency", "1", "3", "--log", "rounds"
    )


# ---------------------------------------------------------------- the key changes hands


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_the_checkpoint_key_changes_and_the_log_goes_on(outside: Outside, algorithm: str) -> None:
    answer = outside.tool.json("audit", "change-key", "--algorithm", algorithm)
    assert answer[0]["generation"] == 2
    outside.grow("E", 5)
    outside.grow("F", 3)
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder)) == 0
    outside.tool("audit", "change-key", "--algorithm", "ed25519")
    outside.grow("G", 5)
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder)) == 0
    assert len(outside.tool.json("audit", "keys")) == 3 * 6
    for seq in range(outside.sizes()[-1]):
        proof = outside.tool("audit", "prove", "--entry", f"{outside.shard}:{seq}").stdout.encode()
        signer = json.loads(proof)["public_key"]
        assert verify_proof(proof, signer).fields["seq"] == seq


@pytest.mark.parametrize("step", ["insert_checkpoint_key", "hold_still", "_bring_into_force"])
def test_a_crash_within_a_change_of_keys_is_made_good(outside: Outside, step: str) -> None:
    """Before the database has the change, after it, and before the key file is replaced."""

    class Crash(BaseException):
        pass

    def die(*_: object) -> None:
        raise Crash

    place = Signers if step.startswith("_") else audit_rounds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, step, die)
        with pytest.raises(Crash):
            outside.tool.run("audit", "change-key")
    generations = outside.tool.sql("SELECT count(*) FROM tigertally.checkpoint_key")[0][0]
    assert generations == (2 if step == "_bring_into_force" else 1)
    outside.grow("E", 4)
    outside.tool("audit", "change-key")
    outside.grow("F", 4)
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder)) == 0


def test_the_checkpoint_key_moves_into_an_hsm_and_out_again(
    outside: Outside, tmp_path: Path, monkeypatch: Any
) -> None:
    if not softhsm.is_here():
        pytest.skip(softhsm.MISSING)
    token = softhsm.SoftHsm(tmp_path / "softhsm")
    token.initialise()
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    config = Path(outside.tool.config)
    pin = json.dumps(str(token.pin_file))
    device = f"[hsm.pkcs11]\ntoken = {json.dumps(softhsm.TOKEN)}\noperation_s = 5.0\n"
    config.write_text(f'{config.read_text()}\n[hsm]\ndriver = "pkcs11"\npin_file = {pin}\n{device}')
    (key,) = outside.tool.json("audit", "change-key", "--to", "hsm:checkpoint")
    assert key["place"] == "hsm:checkpoint"
    outside.grow("E", 4)
    outside.grow("F", 4)
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder)) == 0
    token.give_pin("000000")
    with pytest.raises((DriverError, CommandError), match="PIN"):
        outside.grow("G", 4)
    token.give_pin(softhsm.PIN)
    outside.grow("H", 4)
    outside.tool("audit", "change-key", "--to", "file")
    outside.grow("I", 4)
    assert outside.kinds() == set()


def test_a_key_that_was_given_up_signs_nothing_more(outside: Outside) -> None:
    with open_house(outside.tool.config) as house:
        old = house.environment.signer
    assert old is not None
    outside.tool("audit", "change-key")
    outside.grow("E", 5)
    ((installation,),) = outside.tool.sql("SELECT installation_id FROM tigertally.installation")
    ((size, root),) = outside.tool.sql(
        "SELECT size, root FROM tigertally.shard_head WHERE shard = %s", outside.shard
    )
    note = build_checkpoint(
        old, installation, outside.shard, size=size, root=root, at_ms=1, previous=NO_PREVIOUS
    )
    outside.tool.sql(
        "UPDATE tigertally.checkpoint SET note = %s WHERE shard = %s AND size = "
        "(SELECT max(size) FROM tigertally.checkpoint WHERE shard = %s)",
        note, outside.shard, outside.shard,
    )  # fmt: skip
    assert "checkpoint-bad" in outside.kinds()


def test_a_change_of_keys_that_the_old_key_never_signed(outside: Outside) -> None:
    outside.tool("audit", "change-key")
    outside.tool.sql(
        "UPDATE tigertally.checkpoint_key SET note = replace(note, 'time 1', 'time 2') "
        "WHERE generation = 2"
    )
    outside.tool.sql("DELETE FROM tigertally.checkpoint_key WHERE generation = 3")
    assert "key-change-bad" in outside.kinds()


# ---------------------------------------------------------------- rounds


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM tigertally.audit_round WHERE number = 0", "round-missing"),
        ("UPDATE tigertally.audit_round SET record = replace(record, 'time 1', '1')", "round-bad"),
        ("UPDATE tigertally.audit_round SET note = replace(note, 'time 1', 'time 2')", "round-bad"),
        ("UPDATE tigertally.audit_round SET number = number + 5 WHERE number = 1", "round-missing"),
    ],
)  # fmt: skip
def test_a_round_touched_is_named(outside: Outside, statement: str, kind: str) -> None:
    outside.tool.sql(statement)
    assert kind in outside.kinds()


def test_a_shard_that_vanished_with_all_it_had(outside: Outside) -> None:
    for table in ("entry", "checkpoint", "shard_head"):
        outside.tool.sql(f"DELETE FROM tigertally.{table} WHERE shard = %s", outside.shard)
    outside.tool.sql("UPDATE tigertally.installation SET shards = %s", outside.shard or 1)
    kinds = outside.kinds("--without-file")
    assert kinds & {"shard-vanished", "round-disagrees"}


# ---------------------------------------------------------------- a log rebuilt from scratch


@pytest.fixture
def witness(tmp_path: Path, outside: Outside) -> Any:
    """An auditor's witness on its own folder, over HTTP."""
    folder, logs = tmp_path / "witness", tmp_path / "logs"
    key = create(folder, "auditor.example/w1")
    logs.write_text(outside.tool("audit", "keys").stdout)
    alarms: list[str] = []
    private, _ = read_key(folder)
    it = Witness(
        private, key, read_logs(logs), WitnessState(folder), lambda: 1_767_225_600, alarms.append
    )
    with WitnessServer(("127.0.0.1", 0), it) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield it, WitnessSection(f"http://127.0.0.1:{server.server_port}", key.text()), alarms
        server.shutdown()
        thread.join()


def _ask(outside: Outside, section: WitnessSection) -> Any:
    witnesses = Witnesses(outside.folder, 4, [section])
    told = witnesses.ask()
    for _, client in witnesses._witnesses:
        client._poster.close()
    return told


def test_a_rebuilt_log_is_refused_and_exposed_by_the_witness(
    outside: Outside, witness: Any, tmp_path: Path
) -> None:
    it, section, alarms = witness
    _add_to_configuration(outside, section)
    assert _ask(outside, section).cosigned >= 2
    outside.grow("E", 3)
    assert _ask(outside, section).cosigned >= 2
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder), "--witness", section.key) == 0
    origin = next(o for o in it.logs if o.endswith(f"/{outside.shard}"))
    seen = tmp_path / "seen.notes"
    seen.write_text("".join(it._state.notes(o) for o in it.logs))
    outside.rebuild()
    (outside.folder / "witnessed.notes").unlink()
    assert outside.kinds() == set(), "at home nothing is to be seen"
    assert outside.audit("verify", str(outside.folder)) == 0
    assert "witnessed-disagrees" in outside.kinds("--witnessed", str(seen))
    assert outside.audit("grown", str(seen), str(outside.folder), "--witness", section.key) == 1
    outside.grow("F", 3)
    told = _ask(outside, section)
    assert told.refused
    assert any("FORKED OR CUT" in alarm and "rounds" in alarm for alarm in alarms)
    assert it.last(origin).status == 200


def _add_to_configuration(outside: Outside, section: WitnessSection) -> None:
    config = Path(outside.tool.config)
    text = config.read_text()
    line = f'witnesses = [{{ url = "{section.url}", key = "{section.key}" }}]\n'
    head = "[audit]\n"
    config.write_text(text.replace(head, head + line) if head in text else f"{text}\n{head}{line}")


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="WITHOUT openssl no time stamps: SKIPPED"
)
def test_a_rebuilt_log_is_exposed_by_a_time_stamp(
    outside: Outside, tmp_path: Path, entropy: Any
) -> None:
    authority = TimeAuthority.make(tmp_path / "tsa", key="P-256")
    root = str(authority.folder / "ca.pem")
    with authority.served() as url:
        asking = TimeStamps(outside.folder, TimeStampSection(url, root), entropy)
        assert asking.ask()
        assert not asking.ask()
        asking._poster.close()
    (note,) = (outside.folder / "stamps").glob("*.note")
    assert authority.accepts(note.read_bytes(), note.with_suffix(".tsr").read_bytes())
    config = Path(outside.tool.config)
    section = f'\n[audit.time_stamps]\nurl = "{url}"\nca_file = "{root}"\n'
    config.write_text(config.read_text() + section)
    assert outside.kinds() == set()
    assert outside.audit("verify", str(outside.folder), "--stamps", root) == 0
    outside.rebuild()
    assert outside.kinds() == {"stamp-disagrees"} or "round-missing" in outside.kinds()
    assert outside.audit("verify", str(outside.folder), "--stamps", root) == 1
    note.with_suffix(".tsr").write_bytes(b"0")
    assert "stamp-bad" in outside.kinds()


def test_an_authority_or_witness_that_is_away_is_told_and_leaves_nothing(
    outside: Outside, witness: Any, entropy: Any
) -> None:
    _, section, _ = witness
    away = WitnessSection("http://127.0.0.1:1", section.key)
    told = _ask(outside, away)
    assert told.problems
    assert told.cosigned == 0
    asking = TimeStamps(outside.folder, TimeStampSection("http://127.0.0.1:1", "x"), entropy)
    with pytest.raises(DriverError):
        asking.ask()
    assert not (outside.folder / "stamps").exists()
