"""Valid inputs -> inputs of which something is changed."""

import copy
import json

# What takes the place of a value of JSON: other types, and numbers at the ends.
_VALUES = (None, True, 0, 1, -1, 2**31, 2**70, 0.5, 1e300, "", "A", "é\n", [], {}, [0])
_KEYS = ("@array", "@object", "@tuple", "@dict", "@float", "@dtype", "@named", "x")


class Choices:
    """Bytes, read as choices: one each, then zeros without an end."""

    def __init__(self, data):
        self._bytes = iter(data)

    def below(self, n):
        """Return a number from 0 to n - 1."""
        number, most = next(self._bytes, 0), 256
        while most < n:
            number, most = number << 8 | next(self._bytes, 0), most << 8
        return number % n

    def of(self, things):
        return things[self.below(len(things))]


def with_changes(content, choices):
    """Return a value of JSON with one or two of its parts changed."""
    content = copy.deepcopy(content)
    for _ in range(1 + choices.below(2)):
        holder, key = _part_of(content, choices)
        if holder is None:
            return _VALUES[choices.below(len(_VALUES))]
        _change(holder, key, choices)
    return content


def _part_of(content, choices):
    """Return a list or dict within, and a key of it, any number of levels down."""
    holder = key = None
    here = content
    while isinstance(here, dict | list) and here:
        keys = list(here) if isinstance(here, dict) else range(len(here))
        holder, key = here, choices.of(keys)
        here = here[key]
        if choices.below(8) == 7:
            break
    return holder, key


def _change(holder, key, choices):
    how = choices.below(4)
    if how == 0:
        del holder[key]
    elif how == 1:
        other, other_key = _part_of(holder, choices)
        holder[key] = copy.deepcopy(other[other_key])
    elif how == 2 and isinstance(holder, dict):
        holder[choices.of(_KEYS)] = holder.pop(key)
    else:
        holder[key] = copy.deepcopy(choices.of(_VALUES))


def with_other_bytes(content, choices):
    """Return bytes of which up to four are changed."""
    content = bytearray(content)
    for _ in range(1 + choices.below(4) if content else 0):
        content[choices.below(len(content))] = choices.below(256)
    return bytes(content)


def mutated(content, rng):
    """Return bytes cut short, with some left out, changed, or repeated.

    Parameters
    ----------
    content : bytes
    rng : random.Random
    """
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        place = rng.randrange(len(content) + 1)
        stop = place + rng.randrange(1, 20)
        how = rng.randrange(5)
        if how == 0:
            content = content[:place]
        elif how == 1:
            del content[place:stop]
        elif how == 2:
            content[place:place] = content[place:stop]
        elif how == 3:
            content[place:place] = rng.choice(_INSERTED)
        else:
            content[place : place + 1] = bytes([rng.randrange(256)])
    return bytes(content)


_INSERTED = (
    *(b'"', b"\t", b",", b"\n", b"\r", b"\0", b"\xef\xbb\xbf", b"\xff", b"\xc3\xa9"),
    *(
        b">",
        b"+",
        b"-",
        b"1e999",
        b"nan",
        b"9" * 30,
        b"\xd9\xa3",
        b"\xe2\x80\xa8",
        b"[[",
    ),
)


def as_json(content):
    return json.dumps(content).encode()
