#!/usr/bin/env python3
"""Writes corpus.jsonl: inputs of the models in tests/it/pydantic.rs, with what Pydantic makes of them.

Run it where pydantic 2.13 is installed: `python3 tests/data/pydantic/generate.py`. The same seed gives the same file.
Each line is [model, input text, {"ok": value} | {"errors": [...], "text": what str(error) says without the links}].
"""
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
import random
import re
import uuid
from typing import Annotated, Literal, Optional

from pydantic import (AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime, StringConstraints, ValidationError,
                      create_model, field_validator, model_validator)

random.seed(7)
I64 = {"ge": -(2**63), "le": 2**63 - 1}
Int = Annotated[int, Field(**I64)]


class Status(str, enum.Enum):
    draft = "draft"
    in_review = "in_review"
    public = "public"


class Level(enum.IntEnum):
    low = -1
    middle = 5
    high = 6


class Address(BaseModel):
    street: str
    zip: Int
    note: Optional[str] = None


MODELS = {}


def model(name, ty, default=..., **config):
    MODELS[name] = create_model(name, v=(ty, default), __config__=ConfigDict(**config))


model("Int", Int)
model("Narrow", Annotated[int, Field(ge=0, le=255)])
model("Short", Annotated[int, Field(ge=-32768, le=32767)])
model("IntRules", Annotated[int, Field(gt=0, lt=100, multiple_of=5, **I64)])
model("IntRange", Annotated[int, Field(ge=-3, le=7)])
model("IntExclusive", Annotated[int, Field(gt=-3, lt=7, **I64)])
model("Float", float)
model("FloatRules", Annotated[float, Field(gt=0.5, le=10, multiple_of=0.25)])
model("FloatRange", Annotated[float, Field(ge=-1.5, lt=1e3)])
model("Bool", bool)
model("Str", str)
model("StrLength", Annotated[str, Field(min_length=2, max_length=5)])
model("StrOne", Annotated[str, Field(min_length=1)])
model("StrPattern", Annotated[str, Field(pattern=r"^[a-z]+\d*$")])
model("StrSearch", Annotated[str, Field(max_length=9, pattern=r"(?i)b\w")])
model("StrStrip", Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4)])
model("StrLower", Annotated[str, StringConstraints(to_lower=True)])
model("StrUpper", Annotated[str, StringConstraints(to_upper=True, strip_whitespace=True)])
model("StrChoice", Literal["a", "it's", "b c"])
model("StrOnly", Literal["only"])
model("Char", Annotated[str, Field(min_length=1, max_length=1)])
model("Bytes", bytes)
model("BytesLength", Annotated[bytes, Field(min_length=2, max_length=4)])
model("Date", dt.date)
model("Time", dt.time)
model("Naive", NaiveDatetime)
model("Aware", AwareDatetime)
model("Id", uuid.UUID)
model("Dec", decimal.Decimal)
model("DecRules", Annotated[decimal.Decimal, Field(gt=decimal.Decimal("0"), le=decimal.Decimal("100.5"))])
model("DecStep", Annotated[decimal.Decimal, Field(multiple_of=decimal.Decimal("0.05"))])
model("EnumText", Status)
model("EnumInt", Level)
model("OptInt", Optional[Int], None)
model("OptStr", Optional[Annotated[str, Field(min_length=2)]], None)
model("OptDate", Optional[dt.date], None)
model("DefaultInt", Int, 5)
model("ListInt", list[Int])
model("ListStr", list[str])
model("ListBool", list[bool])
model("ListDate", list[dt.date])
model("ListRules", Annotated[list[Int], Field(min_length=1, max_length=3)])
model("ListOpt", list[Optional[Int]])
model("ListList", list[list[Int]])
model("SetInt", set[Int])
model("SetRules", Annotated[set[Int], Field(min_length=2)])
model("DictInt", dict[str, Int])
model("DictKeys", dict[Int, float])
model("DictDates", dict[str, list[dt.date]])
model("Pair", tuple[Int, str])
model("OptList", Optional[list[Int]], None)
model("Nested", Address)
model("NestedList", list[Address])
model("StrictInt", Int, strict=True)
model("StrictFloat", float, strict=True)
model("StrictBool", bool, strict=True)
model("StrictStr", str, strict=True)
model("StrictDate", dt.date, strict=True)
model("StrictTime", dt.time, strict=True)
model("StrictAware", AwareDatetime, strict=True)
model("StrictId", uuid.UUID, strict=True)
model("StrictDec", decimal.Decimal, strict=True)
model("StrictList", list[Int], strict=True)
model("StrictDict", dict[str, bool], strict=True)


class Person(BaseModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    age: Annotated[int, Field(ge=0, le=150)]
    nick: Optional[Annotated[str, Field(min_length=2)]] = None
    score: Annotated[float, Field(gt=0, alias="points")] = 1.5
    born: dt.date = Field(alias="bornOn")
    tags: list[str]
    even: Int = 0

    @field_validator("even")
    @classmethod
    def is_even(cls, v):
        if v % 2:
            raise ValueError(f"{v} is odd")
        return v

    @field_validator("nick", mode="before")
    @classmethod
    def strip(cls, v):
        if v == "!":
            raise ValueError("no marks")
        return v

    @model_validator(mode="after")
    def whole(self):
        if self.name == self.nick:
            raise ValueError("the nick is the name")
        return self


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: Int
    b: str = "x"


MODELS["Person"] = Person
MODELS["Closed"] = Closed

STRINGS = ["", " ", "a", "A", "ab", "abc1", "abcde", "abcdef", "it's", "b c", "only", "Only", "draft", "in_review", "public", "Draft",
           "ä", "äöüßé", "日本語", "🙂", "é", " a ", "\ta\n", "  abcd  ", "ABC", "xBy", "B ", "a\nb", "a'b\"c", "\\", "\u0000",
           "5", " 5 ", "+5", "-5", "005", "-007", "5.0", "5.", "5.5", "5.00", "05.0", "0.0", "1_000", "1__000", "_1", "1_", "0_1",
           "--5", "+-5", "-+5", "1e3", "1E2", "1e400", "1e-400", "0x10", "٣", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", "-9223372036854775809", "99999999999999999999", "1" * 40, "255", "256", "-1", "100",
           "95", "0.75", "10", "10.25", "-1.5", ".5", "-.5", "1.", "inf", "-inf", "Infinity", "nan", "NaN", "+1.5", "1,5", " 1.5 ",
           "1_0.5", "100.5", "100.50", "100.51", "0.05", "0.06", "1e2", "1E+2", "1.23456789012345678", "sNaN", "1_0",
           "true", "True", "TRUE", "tRuE", "yes", "Yes", "y", "on", "t", "1", "no", "NO", "n", "off", "f", "0", "false", "maybe", " true",
           "2024-01-02", "2024-1-2", "2024-02-30", "2024-13-01", "20240102", "2024/01/02", "2024-01-02T00:00:00", "2024-01-02 00:00",
           "2024-01-02T03:04:05", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456", "2024-01-02T03:04:05.1234567+02:00",
           "2024-01-02T03:04", "2024-01-02t03:04:05z", "2024-01-02_03:04:05", "2024-01-02T00:00:00Z", "2024-01-02T24:00:00",
           "2024-01-02T03:60:05", "2024-01-02T03:04:60", "2024-01-02T03:04:05+25:00", "2024-01-02T03:04:05-0330",
           "2024-01-02T03:04:05+02", "2024-01-02T03:04:05 +02:00", "2024-01-02T03:04:05.", "0000-01-01", "0001-01-01",
           "9999-12-31", "10000-01-01", "2024-01-02x", "x2024-01-02", "2024-02-29", "2023-02-29", "1704067200", "1704067200000",
           "1704067200.5", "-1", "1e10", "03:04", "03:04:05", "03:04:05.5", "3:04", "03:04:05Z", "03:04:05+01:00", "24:00", "23:59:60",
           "030405", "03:04:05.123456789", "12345", "86399", "86400", "noon",
           "12345678-1234-5678-1234-567812345678", "12345678123456781234567812345678", "{12345678-1234-5678-1234-567812345678}",
           "urn:uuid:12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-56781234567", "1234567-1234-5678-1234-567812345678",
           "zzzzzzzz-1234-5678-1234-567812345678", "12345678-1234-5678-1234-5678123456789", "12345678_1234_5678_1234_567812345678",
           "null", "[]", "{}", "x" * 60, "yé" * 30]
NUMBERS = [0, 1, -1, 2, 5, 6, 7, 8, -3, -4, 10, 95, 97, 99, 100, 101, 255, 256, 32767, 32768, -32768, -32769, 2**31, 2**53, 2**53 + 1,
           2**63 - 1, -(2**63), 2**63, 86399, 86400, 86401, 1704067200, 1704067201, 1704067200000, 1704067200001, 20000000000, 20000000001,
           -20000000000, -20000000001, 253402300799, 253402300800, -62135596800, -62135596801, 99999999999999, 9999999999999999]
FLOATS = [0.0, -0.0, 1.0, 5.0, 5.5, 0.5, 0.25, 0.75, 0.8, 10.0, 10.25, -1.5, -1.6, 999.75, 1e3, 1e10, 1e16, 1e17, 1e18, 9.3e18, 1e19, 1e-7,
          1.5e300, 0.1, 0.3, 100.5, 100.51, 0.05, 0.15, 86399.5, 86400.5, 1704067200.25, 1704067200.0, 1704067200000.0, 3.0000001, 255.0,
          256.0, 0.30000000000000004, 123456789.12345679]
OTHERS = [None, True, False, [], {}, [1], {"a": 1}]
LISTS = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], ["1", " 2 "], [1.0, 2.5], [1, "x", None], ["a", "b"], [True, "yes", 0, "x"], [None],
         [[1], ["2", "x"], 3], [[]], ["2024-01-02", 0, "x", 86400], [1, 1, "1", 1.0], [1, "a"], ["x", "a"], [1], [1, "a", 2], ["5", "b"],
         [1, 2], ["a", 1], [{}], [{"a": 1}], [3, "3"], [3, 4, "5", True], ["a" * 3] * 30]
DICTS = [{}, {"a": 1}, {"a": "2", "b": "x"}, {"a": None}, {"1": 1, "2": "2.5"}, {"1": "x", "a": 1.5}, {" 3 ": True}, {"a": ["2024-01-02"]},
         {"a": ["x", "y"], "b": 3, "c": ["2024-01-02", None]}, {"": 0}, {"ä": "5"}, {"a.b": "z"}, {"a": True, "b": "yes", "c": 1},
         {"0x1": 0}, {"1.0": 1}, {"1.5": 1}]
ADDRESSES = [{"street": "Main", "zip": 5}, {"street": "Main", "zip": "5"}, {"street": 1, "zip": "x"}, {"street": 1, "zip": "5"},
             {"zip": 5}, {"street": "a", "zip": 5.5}, {"street": "a", "zip": None, "note": 3}, {"street": "a", "zip": 1, "note": None},
             {"street": "a", "zip": 1, "note": "n", "more": 1}, 3, None, [], "x", {"street": "a"}]
NESTED = [[], ADDRESSES[:2], [{"street": 1, "zip": "x"}, {"street": "a", "zip": 1}, {"street": "b", "zip": "y", "note": 1}, 7],
          [None, {"street": 2, "zip": 2}], ADDRESSES[3], "x"]

GOOD = {"name": "Jane", "age": 30, "nick": "JD", "points": 2.5, "bornOn": "1990-01-02", "tags": ["a"], "even": 4}
CHANGES = {"name": ["", "x" * 11, 5, None, "JD", "Äöü"], "age": ["30", -1, 151, "x", 30.0, 1.5, True, None],
           "nick": [None, "J", "!", 5, "Jane", "  "], "points": [0, "2", -1, "x", None, 7], "score": [3],
           "bornOn": ["1990-02-30", 0, 3, None, "x"], "born": ["1990-01-01"], "tags": [[], "a", [1], ["a", None, 3], {}],
           "even": [3, "5", "4", 2.0, -7], "extra": [1, None]}


def random_string():
    return "".join(random.choice("aB1 -_.:TZé5+e/0") for _ in range(random.randint(0, 12)))


def random_date():
    d = f"{random.choice([1, 0, 1969, 2024, 2023, 9999]):04}-{random.randint(0, 13):02}-{random.randint(0, 32):02}"
    t = f"{random.randint(0, 25):02}:{random.randint(0, 61):02}" + random.choice(["", ":05", ":59", ":61", ":05.5", ":05.1234567"])
    zone = random.choice(["", "", "Z", "+02:00", "-11:30", "+0100", "+2"])
    return random.choice([d, t, d + random.choice("T _tx") + t + zone, t + zone])


def random_number():
    return random.choice([random.randint(-300, 300), round(random.uniform(-20, 20), random.randint(0, 3)),
                          str(random.randint(-300, 300)), str(round(random.uniform(-20, 20), 2)), random.randint(-2**63, 2**63 - 1)])


def inputs(name):
    if name.startswith("Nested"):
        return ADDRESSES + NESTED
    if name.startswith(("List", "Set", "Pair", "OptList", "StrictList")):
        more = [[random.choice([random_number(), random_date(), random_string()]) for _ in range(random.randint(0, 4))] for _ in range(30)]
        return LISTS + more + OTHERS + ["a", 1]
    if name.startswith(("Dict", "StrictDict")):
        more = [dict(sorted((random_string(), random.choice([random_number(), [random_date()]])) for _ in range(random.randint(0, 3)))) for _ in range(30)]
        return DICTS + more + OTHERS + ["a", 1]
    basic = STRINGS + NUMBERS + FLOATS + OTHERS
    if name in ("Date", "Time", "Naive", "Aware", "OptDate", "StrictDate"):
        return basic + [random_date() for _ in range(150)]
    if name.startswith(("Int", "Float", "Narrow", "Short", "Dec", "OptInt")):
        return basic + [random_number() for _ in range(80)] + (["9" * 4301] if name == "Int" else [])
    return basic + [random_string() for _ in range(40)]


def whole_inputs(name):
    if name == "Closed":
        return [{"a": 1}, {"a": 1, "b": "y"}, {"a": 1, "c": 2}, {"b": 1, "c": 2, "d": None}, {}, [], None, {"a": "x", "z": 1}, "x", 3]
    out = [GOOD, {}, [], None, 5, {"name": "x"}]
    for key, values in CHANGES.items():
        out += [{**GOOD, key: v} for v in values]
        out.append({k: v for k, v in GOOD.items() if k != key})
    for _ in range(150):
        one = dict(GOOD)
        for key in random.sample(list(CHANGES), random.randint(1, 5)):
            one[key] = random.choice(CHANGES[key])
            if random.random() < 0.2:
                one.pop(key)
        out.append(one)
    return out


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def plain(v):
    """A value as the test writes it."""
    if isinstance(v, BaseModel):
        return {k: plain(getattr(v, k)) for k in type(v).model_fields}
    if isinstance(v, enum.Enum):
        return v.value
    if isinstance(v, dt.datetime):
        v = v if v.tzinfo else v.replace(tzinfo=dt.timezone.utc)
        return (v - EPOCH) // dt.timedelta(microseconds=1)
    if isinstance(v, dt.date):
        return v.isoformat()
    if isinstance(v, dt.time):
        if v.tzinfo:
            return "zone"
        return ((v.hour * 60 + v.minute) * 60 + v.second) * 1_000_000 + v.microsecond
    if isinstance(v, decimal.Decimal):
        return format(v.normalize() if v else decimal.Decimal(0), "f")
    if isinstance(v, uuid.UUID):
        return str(v)
    if isinstance(v, bytes):
        return v.decode()
    if isinstance(v, float) and not math.isfinite(v):
        return str(v)
    if isinstance(v, set):
        return sorted(plain(i) for i in v)
    if isinstance(v, (list, tuple)):
        return [plain(i) for i in v]
    if isinstance(v, dict):
        return {str(k): plain(i) for k, i in v.items()}
    return v


def answer(cls, text):
    try:
        return {"ok": plain(cls.model_validate_json(text))}
    except ValidationError as e:
        said = re.sub(r"\n    For further information visit \S+", "", str(e))
        return {"errors": json.loads(e.json(include_url=False)), "text": said}


here = pathlib.Path(__file__).parent
count = 0
with open(here / "corpus.jsonl", "w", encoding="utf-8") as out:
    for name, cls in MODELS.items():
        whole = name in ("Person", "Closed")
        seen = set()
        for value in whole_inputs(name) if whole else [{"v": v} for v in inputs(name)] + [{}]:
            # Sorted, because the order of keys is not kept on the other side.
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
            if text in seen:
                continue
            seen.add(text)
            try:
                said = answer(cls, text)
            except decimal.InvalidOperation:  # Python gives up on 1e400 % 0.05.
                continue
            # What Pydantic prints is compared for some only: it makes up half of the file.
            if "text" in said and (len(seen) % 8 or len(text) > 300):
                del said["text"]
            out.write(json.dumps([name, text, said], ensure_ascii=False) + "\n")
            count += 1
schemas = {name: cls.model_json_schema() for name, cls in MODELS.items()}
(here / "schemas.json").write_text(json.dumps(schemas, ensure_ascii=False) + "\n", encoding="utf-8")
print(count, "inputs")
