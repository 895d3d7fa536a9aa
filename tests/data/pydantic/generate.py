#!/usr/bin/env python3
"""Writes corpus.tsv: inputs of the models in tests/it/pydantic, with what Pydantic makes of them; and schemas.json.

Run it where pydantic 2.13 is installed: `python3 tests/data/pydantic/generate.py`. The same seed gives the same files.
Other inputs: `generate.py SEED COUNT DIRECTORY`, then PYDANTIC_CORPUS=DIRECTORY for the test, which writes everything that
differs to the file that PYDANTIC_WRONG names.

Each model begins with a line of JSON: its name, whether its inputs stand in a field `v`, whether they are texts that may
be no JSON, and the errors that occur. Each further line is an input, a tab and the answer: `=` (taken as it is), `=value`,
or errors. An error is its number, or [its number, the rest of its loc..], and what it shows as input is what stands in the
input there, or, of what is missing, what it is missing from; else {"error", "loc", "input"}. After another tab stands, for
some, what str(error) says without the links.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True

from pydantic import BaseModel, ValidationError, VERSION

import inputs
from models import MODELS, plain

# Bare numbers and texts are cheap to compare, and what is printed is long: of so many errors one is kept.
SHOWN = 40


def at(value, loc):
    for step in loc:
        value = value[step]
    return value


def shown_input(error, value):
    """What the test takes for the input of an error."""
    loc = error["loc"]
    if loc and loc[-1] == "[key]":
        return loc[-2]
    return at(value, loc[:-1] if error["type"] == "missing" else loc)


def same(a, b):
    return json.dumps(a) == json.dumps(b)


class Answers:
    """The answers of one model."""

    def __init__(self, name, cls, field, text=False):
        self.name, self.cls, self.field, self.text = name, cls, field, text
        self.errors, self.lines, self.seen = {}, [], set()

    def number(self, error):
        rest = {k: error[k] for k in ("type", "msg", "ctx") if k in error}
        key = json.dumps(rest, ensure_ascii=False)
        return self.errors.setdefault(key, (len(self.errors), rest))[0]

    def ask(self, value):
        whole = {"v": value} if self.field else value
        # Sorted, because the order of keys is not kept on the other side.
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        if text in self.seen:
            return
        self.seen.add(text)
        given = value if self.text else json.dumps(whole, ensure_ascii=False, sort_keys=True)
        try:
            read = self.cls.model_validate_json(given)
        except ValidationError as e:
            invalid = self.text and e.errors()[0]["type"] == "json_invalid"
            self.lines.append("\t".join([text, *self.refused(e, value if invalid else json.loads(given))]))
        except ArithmeticError:  # Python gives up on 1e400 % 0.05.
            return
        else:
            said = plain(read)
            said = said["v"] if self.field else said
            self.lines.append(f"{text}\t=" + ("" if same(said, value) else json.dumps(said, ensure_ascii=False)))

    def refused(self, e, whole):
        known, out = len(self.errors), []
        for error in json.loads(e.json(include_url=False)):
            loc = error["loc"][1:] if self.field else error["loc"]
            number = self.number(error)
            if not same(shown_input(error, whole), error["input"]):
                out.append({"error": number, "loc": loc, "input": error["input"]})
            else:
                out.append([number, *loc] if loc or not self.field else number)
        yield json.dumps(out[0] if len(out) == 1 and self.field else out, ensure_ascii=False, separators=(",", ":"))
        said = re.sub(r"\n    For further information visit \S+", "", str(e))
        if (len(self.errors) > known and len(self.errors) < 200 or len(self.seen) % SHOWN == 0) and len(said) < 400:
            yield json.dumps(said, ensure_ascii=False)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    out = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(__file__).parent
    if not VERSION.startswith("2.13."):
        print(f"these are the answers of pydantic {VERSION}, and not those of 2.13", file=sys.stderr)
    total = 0
    parts = [(name, cls, inputs.of(name, seed, count)) for name, cls in MODELS.items()]
    parts.append(("Texts", MODELS["Closed"], inputs.texts(seed)))
    with open(out / "corpus.tsv", "w", encoding="utf-8") as file:
        for name, cls, given in parts:
            field, text = list(cls.model_fields) == ["v"], name == "Texts"
            answers = Answers(name, cls, field, text)
            # Some types have so few inputs that many come twice.
            for tries, value in enumerate(given):
                answers.ask(value)
                if len(answers.lines) >= count or tries > 20 * count:
                    break
            errors = [rest for _, rest in answers.errors.values()]
            header = {"model": name, "field": field, "text": text, "errors": errors}
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            file.writelines(line + "\n" for line in answers.lines)
            total += len(answers.lines)
    schemas = {name: cls.model_json_schema() for name, cls in MODELS.items()}
    (out / "schemas.json").write_text(json.dumps(schemas, ensure_ascii=False) + "\n", encoding="utf-8")
    print(total, "inputs of", len(MODELS), "models")


if __name__ == "__main__":
    main()
