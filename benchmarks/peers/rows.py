"""math-verify: the key and the row parsed, then compared by `verify`."""

import sympy
from math_verify import parse, verify
from serving import seconds, serve


def answer(row, key):
    """Whether both were read as expressions, what is said of the row, how long it took; and the key written otherwise."""
    found = {}

    def work():
        found.update(key=parse(f"${key}$"), row=parse(f"${row}$"))
        found["right"] = verify(found["key"], found["row"])

    took = seconds(work)
    reads = all(found[part] and not isinstance(found[part][0], str) for part in ("key", "row"))
    other = sympy.latex(sympy.expand(found["key"][0])) if reads else None
    return {"seconds": took, "reads": reads, "right": bool(found["right"]), "expanded": other}


serve(answer)
