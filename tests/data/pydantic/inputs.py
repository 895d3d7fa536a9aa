"""Inputs for each model: what was thought of, and random ones in the shape of the model's type."""
import json
import random

# What was thought of.
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
           "030405", "03:04:05.123456789", "12345", "86399", "86400", "noon", "2024-W01-2", "2024-001", "2024-12-31T23:59:60Z",
           "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2024-01-02T03:04:05-00:00", "2024-01-02T03:04:05−01:00",
           "12345678-1234-5678-1234-567812345678", "12345678123456781234567812345678", "{12345678-1234-5678-1234-567812345678}",
           "urn:uuid:12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-56781234567", "1234567-1234-5678-1234-567812345678",
           "zzzzzzzz-1234-5678-1234-567812345678", "12345678-1234-5678-1234-5678123456789", "12345678_1234_5678_1234_567812345678",
           "null", "[]", "{}", "x" * 60, "yé" * 30, "a\u0301", "\u00a0x\u00a0", "\u200b", "\u2028", "\x7f", "\x85", "\u001f", "\u0600",
           "\ufeff5", "ǅ", "İ", "ΑΣ", "ﬁ", "ß", "5\u00a0", "\u30005", "𝟝", "5\u0000"]
NUMBERS = [0, 1, -1, 2, 5, 6, 7, 8, -3, -4, 10, 95, 97, 99, 100, 101, 255, 256, 32767, 32768, -32768, -32769, 2**31, 2**53, 2**53 + 1,
           2**63 - 1, -(2**63), 2**63, 2**64 - 1, 86399, 86400, 86401, 1704067200, 1704067201, 1704067200000, 1704067200001,
           20000000000, 20000000001, -20000000000, -20000000001, 253402300799, 253402300800, -62135596800, -62135596801,
           99999999999999, 9999999999999999, -62167219200, -62167219201, 253402300799999, 253402300800000]
FLOATS = [0.0, -0.0, 1.0, 5.0, 5.5, 0.5, 0.25, 0.75, 0.8, 10.0, 10.25, -1.5, -1.6, 999.75, 1e3, 1e10, 1e16, 1e17, 1e18, 9.3e18, 1e19, 1e-7,
          1.5e300, 0.1, 0.3, 100.5, 100.51, 0.05, 0.15, 86399.5, 86400.5, 1704067200.25, 1704067200.0, 1704067200000.0, 3.0000001, 255.0,
          256.0, 0.30000000000000004, 123456789.12345679, 5e-324, 1.7976931348623157e308]
OTHERS = [None, True, False, [], {}, [1], {"a": 1}, [[]], {"v": None}]


class Random:
    """Random values in the shape of a type, most of them right."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def mostly(self, good, bad, share=0.85):
        return good() if self.r.random() < share else bad()

    def junk(self):
        return self.r.choice([self.r.choice(STRINGS), self.r.choice(NUMBERS), self.r.choice(FLOATS), self.r.choice(OTHERS), self.words()])

    def digits(self, most=12):
        return "".join(self.r.choice("0123456789") for _ in range(self.r.randint(1, most)))

    def broken(self, text):
        """A text with a slip or two."""
        for _ in range(self.r.choice([1, 1, 1, 2, 3])):
            i = self.r.randint(0, len(text))
            kind = self.r.randint(0, 7)
            if kind == 0:
                text = text[:i] + text[i + 1:]
            elif kind == 1:
                text = text[:i] + self.r.choice(" 0159-+_.:eETZtzxé\t٣/{}") + text[i:]
            elif kind == 2:
                text = text[:i] + self.r.choice(" 0159-+_.:eETZtzxéA") + text[i + 1:]
            elif kind == 3:
                text = text[:i] + text[i:i + 1] * 2 + text[i + 1:]
            elif kind == 4:
                text = self.r.choice([" ", "\n", "\t ", "\u00a0", ""]) + text + self.r.choice(["", " ", "\r\n", "\u2003"])
            elif kind == 5:
                text = text.swapcase()
            elif kind == 6:
                text = text[:i]
            else:
                text = text[:i] + text[i + 1:i + 2] + text[i:i + 1] + text[i + 2:]
        return text

    def integer(self):
        """A number that a column can hold, or almost: serde_json makes those beyond 64 bits floats."""
        return min(max(self.any_integer(), -2**63), 2**64 - 1)

    def any_integer(self):
        r = self.r
        kind = r.randint(0, 9)
        if kind < 4:
            return r.randint(-20, 130)
        if kind == 4:
            return r.choice([1, -1]) * r.choice([2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**53]) + r.randint(-2, 2)
        if kind == 5:
            return r.randint(-2**63, 2**63 - 1)
        if kind == 6:
            return r.choice([1, -1]) * r.randint(0, 10**r.randint(1, 18))
        if kind == 7:
            return r.choice([2**63, -2**63, 2**64]) + r.randint(-3, 3) if r.random() < 0.5 else r.randint(0, 2**64 - 1)
        return r.choice([3, 4, 5, 7, 10, 100, -10]) * r.randint(-30, 30)

    def integer_text(self):
        r = self.r
        text = str(self.any_integer())
        if r.random() < 0.3:
            text = text[0] + "_".join(text[1:].split("0"))
        text = r.choice(["", "", "", "+", "-", "0", "00", "-0", "+0", "0_"]) + text + r.choice(["", "", "", ".0", ".", ".00", ".5", "e0", "e2", "_"])
        return self.broken(text) if r.random() < 0.5 else text

    def number(self):
        r = self.r
        kind = r.randint(0, 7)
        if kind == 0:
            return float(self.integer())
        if kind == 1:
            return r.randint(-100, 200) * r.choice([0.25, 0.1, 0.05, 0.5]) + r.choice([0, 0, 1e-10, 1e-8, -1e-9, 5e-9])
        if kind == 2:
            return round(r.uniform(-20, 20), r.randint(0, 5))
        if kind == 3:
            return r.uniform(-1, 1) * 10.0**r.randint(-30, 30)
        if kind == 4:
            return r.choice([0.5, 10.0, -1.5, 1000.0, 0.0, 100.5, -0.1, 7.0, -1.25]) + r.choice([0, 1e-9, -1e-9, 1e-15, 0.25, -0.25, 1, -1])
        if kind == 5:
            return r.uniform(-1e3, 2e3)
        if kind == 6:
            return r.uniform(-1, 1) * 10.0**r.randint(200, 307)
        return self.integer()

    def number_text(self):
        r = self.r
        text = r.choice([repr, lambda v: f"{v:e}", lambda v: f"{v:.3f}" if abs(v) < 1e15 else repr(v), lambda v: f"{v:+g}"])(self.number())
        if r.random() < 0.1:
            text = r.choice(["inf", "-inf", "+inf", "nan", "-nan", "infinity", "Infinity", "INF", "NaN", "-Infinity", "1e309", "-1e309", "infinit"])
        return self.broken(text) if r.random() < 0.4 else text

    def integer_input(self):
        return self.r.choice([self.integer, self.integer, self.integer_text, self.integer_text, self.number, self.number_text])()

    def float_input(self):
        return self.r.choice([self.number, self.number, self.number_text, self.number_text, self.integer, self.integer_text])()

    def boolean(self):
        r = self.r
        kind = r.randint(0, 5)
        if kind == 0:
            return r.choice([True, False, 0, 1, 0.0, 1.0, -0.0, -1, 2, 1.5])
        if kind == 1:
            return self.float_input()
        word = r.choice(["true", "false", "yes", "no", "y", "n", "on", "off", "t", "f", "1", "0"])
        word = "".join(r.choice([c, c.upper()]) for c in word)
        return self.broken(word) if r.random() < 0.5 else word

    def words(self):
        r = self.r
        letters = r.choice(["abcdefxyzB", "aAbBzZ 019", "äöüßéñÅİıΣςσǅﬁ", "日本語한글ไทย", "🙂👩‍👩‍👧🇩🇪", " \t\n\r\x0b\x0c\u00a0\u2003\u3000ab",
                            "a'\"\\`b", "\x00\x01\x1f\x7f\x80\x85\u00ad\u200b\u200d\u2028\ue000\ufffd\U0001f9ffa", "abc.-_:/ 5", "bB1x"])
        return "".join(r.choice(letters) for _ in range(r.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9, 10, 12])))

    def text(self):
        r = self.r
        kind = r.randint(0, 9)
        if kind == 0:
            return r.choice(["a", "it's", "b c", "only", "in_review", "draft", "public"])
        if kind == 1:
            return self.broken(r.choice(["a", "it's", "b c", "only", "in_review", "draft", "public", "abc12", "Bx"]))
        if kind == 2:
            return "".join(r.choice("abcxyz") for _ in range(r.randint(0, 5))) + self.digits(4) + r.choice(["", "", "\n", " ", "x"])
        if kind == 3:
            return self.words() + self.words()
        return self.words()

    def date(self):
        r = self.r
        if r.random() < 0.7:
            return f"{r.randint(1900, 2100):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        return f"{r.choice([0, 1, 4, 99, 1600, 1900, 1969, 1970, 2000, 2023, 2024, 9999]):04}-{r.randint(0, 13):02}-{r.randint(0, 32):02}"

    def time(self):
        r = self.r
        if r.random() < 0.7:
            text = f"{r.randint(0, 23):02}:{r.randint(0, 59):02}"
        else:
            text = f"{r.randint(0, 25):02}:{r.randint(0, 61):02}"
        if r.random() < 0.7:
            text += f":{r.randint(0, 61) if r.random() < 0.2 else r.randint(0, 59):02}"
            if r.random() < 0.5:
                text += r.choice([".", ".", ","]) + self.digits(10)
        return text

    def zone(self):
        r = self.r
        sign = r.choice("+-")
        return r.choice(["Z", "z", f"{sign}{r.randint(0, 24):02}:{r.randint(0, 60):02}", f"{sign}{r.randint(0, 23):02}:00",
                         f"{sign}{r.randint(0, 23):02}{r.choice(['00', '30'])}", f"{sign}{r.randint(0, 15):02}", " Z", "+2", " +01:00"])

    def moment(self):
        r = self.r
        zero = r.random() < 0.15
        time = r.choice(["00:00", "00:00:00", "00:00:00.000", "00:00:00.0000001"]) if zero else self.time()
        return self.date() + r.choice("TTTt  _") + time + (self.zone() if r.random() < 0.6 else "")

    def seconds(self):
        r = self.r
        kind = r.randint(0, 6)
        if kind == 0:
            v = r.choice([86400, 86400_000, 3600, 1]) * r.randint(-20000, 200000)
        elif kind == 1:
            v = r.choice([1, -1]) * 20_000_000_000 + r.randint(-2, 2)
        elif kind == 2:
            v = r.choice([253402300799, -62135596800, -62167219200, 253402300799999, -62135596800000, -62167219200000, 86399, 86400, 2**31, 2**32]) + r.randint(-2, 2)
        elif kind == 3:
            v = r.randint(-100, 90000)
        elif kind == 4:
            v = r.randint(0, 2 * 10**9)
        elif kind == 5:
            v = r.randint(-3 * 10**14, 3 * 10**14)
        else:
            v = max(r.choice([1, -1]) * r.randint(0, 10**r.randint(1, 19)), -2**63)
        if r.random() < 0.3:
            v = v + r.choice([0.5, 0.25, 0.0, 0.1, 0.123456, 0.1234567, 0.9999999, 0.000001])
        if r.random() < 0.35:
            v = str(v)
            if r.random() < 0.25:
                v = self.broken(v)
        return v

    def temporal(self):
        r = self.r
        kind = r.randint(0, 9)
        if kind < 2:
            return self.seconds()
        text = r.choice([self.date, self.moment, self.moment, lambda: self.time() + (self.zone() if r.random() < 0.3 else "")])()
        return self.broken(text) if r.random() < 0.35 else text

    def day(self):
        return self.seconds() if self.r.random() < 0.25 else self.r.choice([self.date, self.date, self.moment, self.temporal])()

    def clock(self):
        r = self.r
        if r.random() < 0.25:
            return self.seconds()
        text = self.time() + (self.zone() if r.random() < 0.15 else "")
        return self.broken(text) if r.random() < 0.4 else text

    def stamp(self):
        r = self.r
        text = self.moment()
        return self.seconds() if r.random() < 0.2 else self.broken(text) if r.random() < 0.4 else text

    def uuid(self):
        r = self.r
        plain = f"{r.getrandbits(128):032x}"
        text = "-".join([plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]])
        text = r.choice([text, text, text, plain, "{" + text + "}", "urn:uuid:" + text, "{" + plain + "}", "urn:uuid:" + plain, text.upper(), text.title()])
        return self.broken(text) if r.random() < 0.5 else text

    def decimal(self):
        r = self.r
        kind = r.randint(0, 7)
        if kind == 0:
            return self.float_input()
        if kind == 1:
            text = r.choice(["", "-", "+"]) + self.digits(20) + "." + self.digits(16)
        elif kind == 2:
            text = r.choice(["", "-"]) + self.digits(4) + r.choice(["", "." + self.digits(6)]) + r.choice("eE") + r.choice(["", "+", "-"]) + str(r.randint(0, 30))
        elif kind == 3:
            text = f"{r.randint(-2200, 2200) * 0.05:.2f}"
        elif kind == 4:
            return r.choice([r.randint(-300, 300), round(r.uniform(-2, 110), r.randint(0, 4)), r.randint(-2**63, 2**64 - 1), self.number()])
        elif kind == 5:
            text = r.choice(["0", "7", "100.5", "-1.25", "0.05"]) + r.choice(["", "0", "00", "1", "000000000001"])
        else:
            text = self.number_text()
        return self.broken(text) if r.random() < 0.3 else text

    def choice(self):
        r = self.r
        word = r.choice(["draft", "in_review", "public"])
        return word if r.random() < 0.5 else self.broken(word) if r.random() < 0.5 else self.words()

    def level(self):
        r = self.r
        return r.choice([-1, 5, 6, "5", "-1", 6.0, "6.0", " 5 ", "+5", 5.5, True, 0, 7]) if r.random() < 0.3 else self.integer_input()

    def list(self, item, most=5):
        return [self.mostly(item, self.junk, 0.9) for _ in range(self.r.randint(0, most))]

    def dict(self, key, item, most=4):
        entries = [(self.mostly(key, self.words), self.mostly(item, self.junk, 0.85)) for _ in range(self.r.randint(0, most))]
        return {k if isinstance(k, str) else json.dumps(k): v for k, v in entries}

    def small(self):
        r = self.r
        return r.choice([r.randint(-5, 9), r.randint(-5, 9), str(r.randint(-5, 9)), float(r.randint(0, 3)), self.integer_input()])

    def tuple(self, *items):
        out = [self.mostly(item, self.junk, 0.85) for item in items]
        kind = self.r.random()
        return out[:-1] if kind < 0.12 else out + [self.junk()] if kind < 0.24 else out

    def struct(self, fields):
        r = self.r
        out = {k: self.mostly(v, self.junk, 0.88) for k, v in fields.items() if r.random() < 0.92}
        if r.random() < 0.12:
            out[r.choice(["more", "x", "zip2", "Street"])] = self.junk()
        return out

    def address(self):
        return self.struct({"street": self.words, "zip": self.small, "note": lambda: self.r.choice([None, self.words()])})

    def company(self):
        return self.struct({"name": self.words, "seat": self.address, "branches": lambda: self.list(self.address, 2), "level": self.float_input,
                            "by_city": lambda: self.dict(self.words, self.address, 2)})

    def person(self):
        r = self.r
        good = {"name": lambda: r.choice(["Jane", "JD", "Äöü", self.words()]), "age": lambda: r.choice([r.randint(-1, 152), str(r.randint(0, 160)), 30.0]),
                "nick": lambda: r.choice([None, "JD", "!", "Jane", self.words()]), "points": self.number, "bornOn": self.date,
                "tags": lambda: self.list(self.words, 3), "even": self.small}
        return self.struct(good | ({"born": self.date} if r.random() < 0.1 else {}) | ({"score": self.number} if r.random() < 0.1 else {}))

    def closed(self):
        return self.struct({"a": self.small, "b": self.words})

    def closed_inside(self):
        return self.struct({"a": self.small, "bee": self.boolean})

    def anything(self):
        r = self.r
        kind = r.randint(0, 6)
        return [self.anything() for _ in range(r.randint(0, 3))] if kind == 0 else {self.words(): self.anything() for _ in range(r.randint(0, 3))} if kind == 1 else self.junk()


def shape(name, r):
    """How a random input of the model is made."""
    pair = lambda: r.tuple(r.small, r.words)
    exact = {
        "ListFloat": lambda: r.list(r.float_input), "ListStr": lambda: r.list(r.words), "ListBool": lambda: r.list(r.boolean),
        "ListDate": lambda: r.list(r.day, 3), "ListAware": lambda: r.list(r.stamp, 3), "ListEnum": lambda: r.list(r.choice, 4),
        "ListList": lambda: r.list(lambda: r.list(r.small, 3), 3), "ListPair": lambda: r.list(pair, 3),
        "ListDict": lambda: r.list(lambda: r.dict(r.words, r.small, 2), 3), "ListOpt": lambda: r.list(lambda: r.r.choice([None, r.small()])),
        "SetStr": lambda: r.list(r.words), "DictKeys": lambda: r.dict(r.integer_text, r.float_input), "DictDates": lambda: r.dict(r.words, lambda: r.list(r.day, 2), 3),
        "DictDateKeys": lambda: r.dict(r.day, r.words, 3), "DictBoolKeys": lambda: r.dict(r.boolean, r.small, 3),
        "DictEnumKeys": lambda: r.dict(r.choice, r.small, 3), "DictDict": lambda: r.dict(r.words, lambda: r.dict(r.words, lambda: r.r.choice([None, r.small()]), 2), 3),
        "Pair": pair, "StrictPair": pair, "Single": lambda: r.tuple(r.boolean), "Triple": lambda: r.tuple(r.small, lambda: r.r.choice([None, r.number()]), lambda: r.list(r.small, 3)),
        "Fixed": lambda: r.tuple(r.small, r.small, r.small), "Anything": r.anything, "Nested": r.address, "OptNested": r.address,
        "NestedList": lambda: r.list(r.address, 3), "NestedDict": lambda: r.dict(r.words, r.address, 2), "NestedDeep": r.company,
        "NestedClosed": r.closed_inside, "NestedKeys": lambda: r.dict(r.integer_text, r.address, 2), "StrictDict": lambda: r.dict(r.words, r.boolean, 3),
        "StrictKeys": lambda: r.dict(r.integer_text, r.boolean, 3), "Person": r.person, "Closed": r.closed, "EnumText": r.choice, "OptEnum": r.choice, "StrictEnum": r.choice,
        "EnumInt": r.level, "StrictEnumInt": r.level,
    }
    if name in exact:
        return exact[name]
    starts = [
        (("List", "Set", "Deque", "OptList", "StrictList", "StrictSet"), lambda: r.list(r.small)),
        (("Dict",), lambda: r.dict(r.words, r.small)),
        (("Date", "OptDate", "StrictDate"), r.day), (("Time", "OptTime", "StrictTime"), r.clock),
        (("Naive", "Aware", "OptAware", "StrictNaive", "StrictAware"), r.stamp), (("Id", "OptId", "StrictId"), r.uuid),
        (("Dec", "OptDec", "StrictDec"), r.decimal), (("Float", "OptFloat", "StrictFloat"), r.float_input),
        (("Bool", "OptBool", "StrictBool"), r.boolean), (("Str", "OptStr", "Char", "Bytes"), r.text),
    ]
    if name.startswith(("StrictInt", "StrictOpt", "FieldStrict", "DefaultInt")):
        return r.integer_input
    return next((f for names, f in starts if name.startswith(names)), r.integer_input)


GOOD = {"name": "Jane", "age": 30, "nick": "JD", "points": 2.5, "bornOn": "1990-01-02", "tags": ["a"], "even": 4}


def of(name, seed, count):
    """Inputs without end of the model of this name; what was thought of comes first."""
    r = Random(f"{seed} {name}")
    make = shape(name, r)
    if name == "Person":
        yield from [GOOD, {}, [], None, 5, {"name": "x"}, "x", {k: None for k in GOOD}]
        for _ in range(count // 2):
            good, other = dict(GOOD), r.person()
            for key in r.r.sample(sorted(good | other), r.r.randint(1, 4)):
                if key in other and r.r.random() < 0.85:
                    good[key] = other[key]
                else:
                    good.pop(key, None)
            yield good
    elif name == "Closed":
        yield from [{"a": 1}, {"a": 1, "b": "y"}, {"a": 1, "c": 2}, {"b": 1, "c": 2, "d": None}, {}, [], None, {"a": "x", "z": 1}, "x", 3]
    else:
        # What was thought of, for the types it was thought of for; a part for the others.
        every = STRINGS + NUMBERS + FLOATS + OTHERS
        scalar = not isinstance(make(), (list, dict))
        yield from every if scalar else OTHERS + ["", "a", "[]", 1, 1.5] + [r.r.choice(every) for _ in range(20)]
        if name == "Int":
            yield from ["9" * 4300, "9" * 4301, "0" * 5000 + "1"]
        for _ in range(count // 25):
            yield r.junk()
    while True:
        yield make()


JSON = ['{"a": 1}', '{"a": 1, "b": "x"}', '{"a": 15, "b": "\\u00e9\\n"}', '{"b": "y", "a": "5", "c": [1, 2, {"d": null}]}', '[1, 2]', "null", '"x"',
        ' {"a":true,"b":"\\ud83d\\ude00"}\n', "{}", '{"a": 1, "a": 2}', '{"a": -0}']
TEXTS = ["", "   ", "{", "}", '{"a"', '{"a":', '{"a": 1', '{"a": 1,', '{"a": 1,}', "{a: 1}", "{'a': 1}", '{"a": 01}', '{"a": 1.}', '{"a": .5}',
         '{"a": +1}', '{"a": 1e}', '{"a": tru}', '{"a": "\\x"}', '{"a": "\\ud800"}', '{"a": "\\udc00\\ud800"}', '{"a": "\\u12"}', '{"a": "x', '{"a": "\n"}',
         '\ufeff{"a": 1}', '{"a": 1} x', '{"a": 1}{', "[1,]", "[1 2]", '{"a": 1 "b": 2}', '{"a" 1}', '{"a": ' + "[" * 300, '{"a": 1}//c', "{1: 2}", '{"a": - 1}',
         '{"a": 0x1}', "-", "nul", "true false", '{"a": 1,,}', "{,}", "[,]", '{"a":}', '{"a": 00}', '{"a": -}', '{"a": 1.e1}', '"\\', '{"b": "\\u0000", "a": 1}',
         '{"a": 1}\x00', '["a"', '{"a": [1, 2}', '{"a": {"b": 1]}', '{"a": "\x7f"}']


def texts(seed):
    """JSON, and almost."""
    r = random.Random(seed)
    yield from TEXTS
    while True:
        text = r.choice(JSON)
        for _ in range(r.choice([1, 1, 2])):
            i, char = r.randint(0, len(text)), r.choice('{}[]",:0159-+.eE\\/tfnu \n\t\x01é')
            text = r.choice([text[:i] + text[i + 1:], text[:i] + char + text[i:], text[:i], text[:i] + char + text[i + 1:]])
        yield text
