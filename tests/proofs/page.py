"""docs/proofs.md: each promise, and what it rests on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from tests.proofs.marks import KINDS, Kind, Proof
from tests.proofs.promises import Promise

PAGE = Path("docs/proofs.md")

ORACLES = {
    "botocore": "AWS's own service models, in botocore",
    "botocore signer": "AWS's own signer, in botocore",
    "SigV4 suite": "AWS's published test suite of Signature Version 4, in tests/vectors/sigv4",
    "SDKs": "AWS's client SDKs, unchanged: boto3, SDK for JavaScript v3, Amplify v6, amazon-cognito-identity-js",
    "Chromium": "a browser",
    "cfn-lint": "AWS's resource schemas, in cfn-lint",
    "cdk-nag": "the AwsSolutions rules of cdk-nag",
    "IAM of the emulator": "MiniStack's evaluation of the synthesized policies",
}
"""Somebody else's word that tests hold the code against."""

_PINNED = {
    "botocore": "botocore",
    "botocore signer": "botocore",
    "cfn-lint": "cfn-lint",
    "cdk-nag": "cdk-nag",
    "IAM of the emulator": "ministack",
}
"""The package whose version requirements.txt pins."""

_HEAD = """# What is proved, and how

Written by `make proofs` from marks in the documents, the tests and the checks: do not edit it.
Nobody here can reach AWS. So each promise says what it rests on:

- **test**: it was seen in a test on one machine.
- **oracle**: a test held it against somebody else's word, such as AWS's own models.
- **simulator**: a test held it against a rule of AWS's documentation, as a simulator enforces it.
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
    for file, group in groupby(promises, key=lambda promise: promise.file):
        lines += ["", f"## {file}"]
        for promise in group:
            target = "../README.md" if promise.file == "README.md" else promise.file.removeprefix("docs/")
            where = f"[{promise.section or promise.file}]({target}{_anchor(promise.section)})"
            lines += ["", *_wrapped(f"**{promise.says}**"), "", *_wrapped(f"In {where}; `{promise.name}`."), ""]
            lines += [line for proof in of[promise.name] for line in _item(proof)]
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
    yield f"{len(of)} promises. So many have at least one proof of a kind:"
    yield ""
    yield "| kind of proof | promises |"
    yield "|---|---|"
    for kind in KINDS:
        yield f"| {kind} | {sum(any(proof.kind == kind for proof in found) for found in of.values())} |"
    offline: set[Kind] = {"test", "oracle", "simulator"}
    only = sum(not offline & {proof.kind for proof in found} for found in of.values())
    yield f"| nothing on one machine, a check on AWS alone | {only} |"


def _oracles(proofs: Sequence[Proof], root: Path) -> Iterator[str]:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (root / "requirements.txt").read_text(encoding="utf-8"), re.M))
    used = sorted({proof.against for proof in proofs if proof.kind == "oracle"})
    if used:
        yield "The oracles:"
        yield ""
    for name in used:
        version = f" {pins[_PINNED[name]]}" if name in _PINNED else ""
        yield from _wrapped(f"- **{name}**: {ORACLES[name]}{version}.", indent="  ")


def _item(proof: Proof) -> list[str]:
    match proof.kind:
        case "oracle":
            text = f"- oracle, {proof.against}: `{proof.what}`"
        case "simulator":
            place = f"../local/simulators/{proof.against}/README.md"
            text = f"- simulator, [{proof.against}]({place}): `{proof.what}`"
        case _:
            text = f"- {proof.kind}: `{proof.what}`"
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
    slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
    return f"#{slug}" if slug else ""
