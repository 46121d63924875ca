"""docs/proofs.md: each promise, and what it rests on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from tests.proofs.marks import KINDS, Kind, Proof
from tests.proofs.promises import Promise

PAGE = Path("docs/proofs.md")

ORACLES = {
    "botocore": "AWS's own service models",
    "botocore signer": "AWS's own signer",
    "SigV4 suite": "AWS's published test suite of Signature Version 4, in tests/vectors/sigv4",
    "SDKs": "AWS's client SDKs, unchanged; tests/e2e/clients/package.json and requirements.txt pin them",
    "Chromium": "a browser, with pages that use these SDKs; tests/e2e/clients/package.json pins it",
    "OIDC libraries": "oidc-client-ts, oauth4webapi and Authlib, unchanged; the same files pin them",
    "pycognito": "somebody else's computation of secret hashes",
    "cfn-lint": "AWS's resource schemas",
    "cdk-nag": "the AwsSolutions rules",
    "DuckDB": "somebody else's SQL engine; SQLGlot translates Athena's dialect for it",
    "Cognito of the emulator": "somebody else's user pools: secret hashes, SRP, flows",
    "IAM of the emulator": "somebody else's evaluation of the synthesized policies",
}
"""Somebody else's word that tests hold the code against."""

_ON_AWS: set[Kind] = {"smoke check", "probe"}

_PINNED = {
    "botocore": "botocore",
    "botocore signer": "botocore",
    "cfn-lint": "cfn-lint",
    "cdk-nag": "cdk-nag",
    "pycognito": "pycognito",
    "DuckDB": "duckdb",
    "Cognito of the emulator": "ministack",
    "IAM of the emulator": "ministack",
}
"""The package whose version requirements.txt pins."""

_HEAD = """# What is proved, and how

Written by `make proofs` from marks in the documents, the tests and the checks: do not edit it.
Nobody here can reach AWS. So each promise says what it rests on:

- **test**: a test on one machine shows it.
- **oracle**: a test holds it against somebody else's word, such as AWS's own models.
- **simulator**: a test holds it against rules of AWS's documentation, as a simulator enforces them;
  the linked page has the documents.
- **smoke check**: `cognito-proxy smoke` checks it on your deployment.
- **probe**: `cognito-proxy smoke --probe` finds out on AWS what no document says.

The first three say nothing about your deployment: run the [smoke check](smoke.md).
"""


class ProofError(ValueError):
    """Promises and proofs that do not fit; one line for each."""


def page(promises: Sequence[Promise], proofs: Sequence[Proof], root: Path) -> str:
    """The page.

    Raises:
        ProofError: a promise without proof, a proof of nothing, an unknown oracle or simulator.
    """
    problems = [*_problems(promises, proofs, root)]
    if problems:
        raise ProofError("\n".join(problems))
    of = {promise.name: [proof for proof in proofs if proof.promise == promise.name] for promise in promises}
    lines = [_HEAD, *_counts(of), "", *_oracles(proofs, root)]
    for file, of_file in groupby(promises, key=lambda promise: promise.file):
        target = "../README.md" if file == "README.md" else file.removeprefix("docs/")
        lines += ["", f"## [{file.removeprefix('docs/')}]({target})"]
        for section, group in groupby(of_file, key=lambda promise: promise.section):
            lines += ["", f"### [{section}]({target}{_anchor(section)})"] if section else []
            for promise in group:
                found = sorted(of[promise.name], key=lambda proof: (KINDS.index(proof.kind), proof))
                lines += ["", *_wrapped(f"**{promise.says}** (`{promise.name}`)"), ""]
                lines += [line for proof in found for line in _item(proof)]
    return "\n".join(lines) + "\n"


def _problems(promises: Sequence[Promise], proofs: Sequence[Proof], root: Path) -> Iterator[str]:
    known, proved = {promise.name for promise in promises}, {proof.promise for proof in proofs}
    for promise in promises:
        if promise.name not in proved:
            yield f"{promise.file}: nothing proves {promise.name}: {promise.says}"
    for proof in proofs:
        if proof.promise not in known:
            yield f"{proof.what} proves {proof.promise}, which no document promises"
        if proof.kind == "oracle" and proof.against not in ORACLES:
            yield f"{proof.what}: no oracle is called {proof.against}"
        if proof.kind == "simulator" and not (root / "local/simulators" / proof.against / "README.md").is_file():
            yield f"{proof.what}: no simulator is called {proof.against}"


def _counts(of: Mapping[str, Sequence[Proof]]) -> Iterator[str]:
    kinds = [{proof.kind for proof in found} for found in of.values()]
    yield f"{len(of)} promises. So many have at least one proof of a kind:"
    yield ""
    yield "| kind of proof | promises |"
    yield "|---|---|"
    for kind in KINDS:
        yield f"| {kind} | {sum(kind in found for found in kinds)} |"
    yield ""
    yield "So many lack something:"
    yield ""
    yield "| what is missing | promises |"
    yield "|---|---|"
    alone = sum(not found - {"simulator", *_ON_AWS} and "simulator" in found for found in kinds)
    yield f"| on one machine, anything but AWS's documents, as our simulators have them | {alone} |"
    yield f"| anything on one machine | {sum(not found - _ON_AWS for found in kinds)} |"
    yield f"| a check on AWS | {sum(not found & _ON_AWS for found in kinds)} |"


def _oracles(proofs: Sequence[Proof], root: Path) -> Iterator[str]:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (root / "requirements.txt").read_text(encoding="utf-8"), re.M))
    used = sorted({proof.against for proof in proofs if proof.kind == "oracle"})
    if used:
        yield "The oracles:"
        yield ""
    for name in used:
        version = f" ({_PINNED[name]} {pins[_PINNED[name]]})" if name in _PINNED else ""
        yield from _wrapped(f"- **{name}**: {ORACLES[name]}{version}.", indent="  ")


def _item(proof: Proof) -> list[str]:
    what = ": ".join(f"`{part}`" for part in proof.what.split("::"))
    match proof.kind:
        case "oracle":
            text = f"- oracle, {proof.against}: {what}"
        case "simulator":
            text = f"- simulator, [{proof.against}](../local/simulators/{proof.against}/README.md): {what}"
        case _:
            text = f"- {proof.kind}: {what}"
    return _wrapped(text, indent="  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most 100 characters, broken at blanks."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1].strip() and len(lines[-1]) + 1 + len(word) > 100:
            lines.append(indent + word)
        else:
            lines[-1] += (" " if lines[-1].strip() else "") + word
    return lines


def _anchor(section: str) -> str:
    """As GitHub makes it of a heading."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", section).lower()
    return "#" + re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
