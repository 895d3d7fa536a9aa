"""The models of tests/it/pydantic.rs in Python."""
import datetime as dt
import decimal
import enum
import math
import uuid
from typing import Annotated, Any, Literal, Optional

from pydantic import (AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime, StringConstraints, create_model,
                      field_validator, model_validator)

D = decimal.Decimal
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


class Company(BaseModel):
    name: str
    seat: Address
    branches: list[Address]
    by_city: dict[str, Address]
    level: float = 0.5


class Sealed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: Int
    b: bool = Field(alias="bee")


MODELS = {}


def model(name, ty, default=..., **config):
    MODELS[name] = create_model(name, v=(ty, default), __config__=ConfigDict(**config))


model("Int", Int)
model("Tiny", Annotated[int, Field(ge=-128, le=127)])
model("Narrow", Annotated[int, Field(ge=0, le=255)])
model("Short", Annotated[int, Field(ge=-32768, le=32767)])
model("Word", Annotated[int, Field(ge=0, le=2**32 - 1)])
model("IntGt", Annotated[int, Field(gt=10, **I64)])
model("IntGte", Annotated[int, Field(ge=10, le=2**63 - 1)])
model("IntLt", Annotated[int, Field(lt=-10, **I64)])
model("IntLte", Annotated[int, Field(le=-10, ge=-(2**63))])
model("IntMultiple", Annotated[int, Field(multiple_of=7, **I64)])
model("IntRules", Annotated[int, Field(gt=0, lt=100, multiple_of=5, **I64)])
model("IntRange", Annotated[int, Field(ge=-3, le=7)])
model("IntExclusive", Annotated[int, Field(gt=-3, lt=7, **I64)])
model("Float", float)
model("FloatGt", Annotated[float, Field(gt=0)])
model("FloatLte", Annotated[float, Field(le=-0.1)])
model("FloatMultiple", Annotated[float, Field(multiple_of=0.1)])
model("FloatRules", Annotated[float, Field(gt=0.5, le=10, multiple_of=0.25)])
model("FloatRange", Annotated[float, Field(ge=-1.5, lt=1e3)])
model("Bool", bool)
model("Str", str)
model("StrLength", Annotated[str, Field(min_length=2, max_length=5)])
model("StrOne", Annotated[str, Field(min_length=1)])
model("StrMax", Annotated[str, Field(max_length=3)])
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
model("Dec", D)
model("DecRules", Annotated[D, Field(gt=D("0"), le=D("100.5"))])
model("DecRange", Annotated[D, Field(ge=D("-1.25"), lt=D("7"))])
model("DecStep", Annotated[D, Field(multiple_of=D("0.05"))])
model("EnumText", Status)
model("EnumInt", Level)
model("OptInt", Optional[Int], None)
model("OptRules", Optional[Annotated[int, Field(gt=0, lt=100, **I64)]], None)
model("OptFloat", Optional[float], None)
model("OptBool", Optional[bool], None)
model("OptStr", Optional[Annotated[str, Field(min_length=2)]], None)
model("OptDate", Optional[dt.date], None)
model("OptTime", Optional[dt.time], None)
model("OptAware", Optional[AwareDatetime], None)
model("OptId", Optional[uuid.UUID], None)
model("OptDec", Optional[D], None)
model("OptEnum", Optional[Status], None)
model("DefaultInt", Int, 5)
model("ListInt", list[Int])
model("ListFloat", list[float])
model("ListStr", list[str])
model("ListBool", list[bool])
model("ListDate", list[dt.date])
model("ListAware", list[AwareDatetime])
model("ListEnum", list[Status])
model("ListRules", Annotated[list[Int], Field(min_length=1, max_length=3)])
model("ListOpt", list[Optional[Int]])
model("ListList", list[list[Int]])
model("ListPair", list[tuple[Int, str]])
model("ListDict", list[dict[str, Int]])
model("Deque", list[Int])
model("SetInt", set[Int])
model("SetStr", set[str])
model("SetRules", Annotated[set[Int], Field(min_length=2)])
model("SetMax", Annotated[set[Int], Field(max_length=3)])
model("DictInt", dict[str, Int])
model("DictKeys", dict[Int, float])
model("DictDates", dict[str, list[dt.date]])
model("DictDateKeys", dict[dt.date, str])
model("DictBoolKeys", dict[bool, Int])
model("DictEnumKeys", dict[Status, Int])
model("DictRules", Annotated[dict[str, Int], Field(min_length=1, max_length=2)])
model("DictDict", dict[str, dict[str, Optional[Int]]])
model("Pair", tuple[Int, str])
model("Single", tuple[bool])
model("Triple", tuple[Int, Optional[float], list[Int]])
model("Fixed", tuple[Int, Int, Int])
model("Anything", Any)
model("OptList", Optional[list[Int]], None)
model("Nested", Address)
model("OptNested", Optional[Address], None)
model("NestedList", list[Address])
model("NestedDict", dict[str, Address])
model("NestedDeep", Company)
model("NestedClosed", Sealed)
model("NestedKeys", dict[Int, Address])
model("StrictInt", Int, strict=True)
model("StrictFloat", float, strict=True)
model("StrictBool", bool, strict=True)
model("StrictStr", str, strict=True)
model("StrictBytes", bytes, strict=True)
model("StrictDate", dt.date, strict=True)
model("StrictTime", dt.time, strict=True)
model("StrictNaive", NaiveDatetime, strict=True)
model("StrictAware", AwareDatetime, strict=True)
model("StrictId", uuid.UUID, strict=True)
model("StrictDec", D, strict=True)
model("StrictEnum", Status, strict=True)
model("StrictEnumInt", Level, strict=True)
model("StrictOpt", Optional[Int], None, strict=True)
model("StrictList", list[Int], strict=True)
model("StrictSet", set[Int], strict=True)
model("StrictPair", tuple[Int, str], strict=True)
model("StrictDict", dict[str, bool], strict=True)
model("StrictKeys", dict[Int, bool], strict=True)
model("FieldStrict", Annotated[int, Field(strict=True, gt=3, **I64)])


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

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
EXACT = decimal.Context(prec=6000)


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
    if isinstance(v, D):
        if abs(v.adjusted()) > 500:
            return str(v)
        return format(v.normalize(EXACT) if v else D(0), "f")
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
        return {str(plain(k)): plain(i) for k, i in v.items()}
    return v
