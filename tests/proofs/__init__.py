"""Which promise of the documents rests on what: `make proofs` writes docs/proofs.md.

A promise is a sentence of a document with a mark before it, `<!-- promise: name -->`, or a row of the table behind
`<!-- promise: name, row: words in it -->`. What proves it names it:

- a test, `@pytest.mark.proves("name")`, on a function, a class or, as `pytestmark`, a module; with `oracle="…"` it
  holds the code against somebody else's word (`ORACLES`), with `simulator="…"` against documented rules that a
  simulator enforces (a folder of local/simulators);
- a check of `cognito-proxy smoke`, `proves=("name",)`, and so a probe, which checks it on AWS.

Everything is read as text, so nothing is imported and nothing runs.
"""
