"""Generated projects, and what Alembic itself makes of them: one JSON object a line.

Usage: alembic_graphs.py SEED COUNT. Of each graph its revisions, and a walk of commands through it:
the rows before, the command, and the rows after as Alembic's own steps leave them, or its error.

Left out: a dependency on an own ancestor, which says nothing, and after whose downgrade Alembic 1.8
leaves a row too many.
"""
import json
import os
import random
import sys
import types
import warnings

from alembic.runtime.migration import HeadMaintainer
from alembic.script.base import ScriptDirectory
from alembic.script.revision import Revision, RevisionMap

warnings.simplefilter("ignore")
NOTHING = types.SimpleNamespace(upgrade=None, downgrade=None)


class Script(Revision):
    module = NOTHING
    doc = ""


class Rows(HeadMaintainer):
    """The version table, without a database."""

    def __init__(self, rows):
        super().__init__(None, rows)

    def _insert_version(self, version):
        assert version not in self.heads
        self.heads.add(version)

    def _delete_version(self, version):
        self.heads.remove(version)

    def _update_version(self, from_, to_):
        assert to_ not in self.heads
        self.heads.remove(from_)
        self.heads.add(to_)


def ancestors(revisions, ids):
    found = set(ids)
    for one in reversed(revisions):  # parents come first
        if one["id"] in found:
            found.update(one["down"])
            found.update(other["id"] for other in revisions
                         if other["id"] in one["depends_on"] or set(other["labels"]) & set(one["depends_on"]))
    return found


def generate(chance):
    """Chains, forks, merges, several bases, dependencies on ids and labels, labels anywhere."""
    revisions = []
    for number in range(chance.randint(1, 12)):
        # Short alphabets make abbreviations ambiguous; short ids cannot be abbreviated.
        id_ = "".join(chance.choice("abc1") for _ in range(chance.choice((2, 3, 5, 7)))) + str(number)
        known = [one["id"] for one in revisions]
        if id_ in known:
            continue
        down = []
        if known and chance.random() > 0.15:
            heads = [id for id in known if not any(id in one["down"] for one in revisions)]
            down = [chance.choice(heads if chance.random() < 0.7 else known)]
            if len(heads) > 1 and chance.random() < 0.3:
                down = chance.sample(heads, 2)
        depends = []
        others = [one for one in revisions if one["id"] not in ancestors(revisions, down)]
        if others and chance.random() < 0.2:
            other = chance.choice(others)
            depends = [chance.choice(other["labels"] or [other["id"]])]
        own = []
        if chance.random() < 0.2:
            own = ["%s%d" % (chance.choice(("side", "main", "cb_")), number)]
        revisions.append({"id": id_, "down": down, "depends_on": depends, "labels": own})
    return revisions


def argument(chance, revisions, action):
    ids = [one["id"] for one in revisions]
    labels = [label for one in revisions for label in one["labels"]]
    id_ = chance.choice(ids)
    branch = chance.choice(labels + ids if labels and chance.random() < 0.8 else ids)
    steps = chance.randint(1, 3)
    forms = ["head", "heads", "base", id_, id_, id_[: chance.randint(1, len(id_))], branch,
             branch[: chance.randint(2, len(branch))],
             branch + "@head", branch + "@heads", branch + "@base", branch + "@" + id_]
    if action == "upgrade":
        forms += ["+%d" % steps, "+%d" % steps, "%s+%d" % (id_, steps), "%s-%d" % (id_, steps),
                  branch + "@+%d" % steps, branch + "@+%d" % steps, "-1", id_ + "+0"]
    if action == "downgrade":
        forms += ["-%d" % steps, "-%d" % steps, "%s-%d" % (id_, steps), "%s+%d" % (id_, steps),
                  branch + "@-%d" % steps, branch + "@-%d" % steps, "+1", "base"]
    return chance.choice(forms)


def answer(script, action, rows, arguments):
    rows = tuple(sorted(rows))
    if action == "upgrade":
        steps = script._upgrade_revs(arguments[0], rows)
    elif action == "downgrade":
        steps = script._downgrade_revs(arguments[0], rows)
    else:
        steps = script._stamp_revs(tuple(arguments), rows)
    table = Rows(rows)
    for step in steps:
        table.update_to_step(step)
    return sorted(table.heads)


def walk(chance, revisions):
    scripts = [Script(one["id"], tuple(one["down"]) or None, tuple(one["depends_on"]) or None,
                      tuple(one["labels"]) or None) for one in revisions]
    for one in scripts:
        if one.down_revision and len(one.down_revision) == 1:
            one.down_revision = one.down_revision[0]
    script = ScriptDirectory(os.path.dirname(os.path.abspath(__file__)))
    script.revision_map = RevisionMap(lambda: scripts)
    rows, cases = [], []
    for _ in range(30):
        action = chance.choice(("upgrade", "upgrade", "downgrade", "stamp"))
        arguments = [argument(chance, revisions, action)]
        if action == "stamp" and chance.random() < 0.2:
            arguments.append(argument(chance, revisions, action))
        case = {"rows": rows, "action": action, "arguments": arguments}
        try:
            case["after"] = answer(script, action, rows, arguments)
        except Exception as error:  # whatever ends the command is an error
            case["error"] = "%s: %s" % (type(error).__name__, error)
        cases.append(case)
        rows = case.get("after", rows)
    return {"revisions": revisions, "heads": sorted(script.get_heads()), "cases": cases}


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        chance = random.Random("%d %d" % (seed, number))
        print(json.dumps(walk(chance, generate(chance))))


main()
