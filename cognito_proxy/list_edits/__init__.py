"""Editing the by-hand IP sets of a web ACL, with notes and expiry, so that no edit is lost.

**Two stores.** Which addresses are on a list, only the IP set knows: AWS WAF asks nothing else, and people may edit it
in the console, too. An IP set has no place for notes: its description has 256 characters, its tags are fifty. Notes and
expiry stand in a DynamoDB table, an item for each address, because that has conditional writes and strongly consistent
reads of single items; a parameter of Systems Manager has neither the size nor the condition, and one document for all
would make every edit compete with every other one.

**Write ahead.** An edit first records in the table what it intends (`adding`, `removing`), then makes the IP set agree,
then closes the entry (`listed`, or deletes it). Whoever updates the IP set carries out all intentions that are open at
that moment, not only its own. So

- whatever dies at whatever moment, the next edit of the list or the scheduled function carries on. An address gets onto
  a list only after its expiry was recorded: a block for a day never becomes one for good;
- many edits at once need few updates of the IP set (a quota of AWS WAF: one a second), however many they are.

**Nothing lost between the two.** An update carries the lock token of the contents that it was worked out from, and AWS
WAF refuses it when they have changed since. Left to show: when an update is accepted, its intentions still hold. They
were read after the IP set, and

- an open intention is never turned into its opposite: whoever wants that first carries it out (`reconcile`), which
  changes the IP set and with it the token, or finds the IP set as intended already;
- entries change under a condition on their version, so of two edits of one address one sees the other.

Hence a slow process that still holds an old intention holds an old token, too, and starts over. Adding the same address
twice merges the two: the later expiry and the newer note win, in whatever order they come.

What people change in the console meanwhile is kept: a change there is a change of the token. An address that is added
there has no entry, and so no expiry; the entry of one that is removed there is deleted by the scheduled function.

**Where this code lives.** The command line and the scheduled function share it. Its modules import each other
relatively, and besides only the standard library and boto3. So this folder alone is the function's asset, while the
command line imports it as a part of the installed package: one copy, found without tricks in a checkout and in a wheel.
"""
