"""What the picture of a network shows, in words alone: alternatives for those who do not see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbp.language.form import Parameter, Unit, Var
from symbp.network.spec import NetworkSpec
from symbp.publishing.diagram_layout import Layout
from symbp.publishing.environment import sentence
from symbp.publishing.languages import ENGLISH
from symbp.publishing.lighting import Lighting, place_of


def described(spec: NetworkSpec, lit: Var | None = None, lang: str = ENGLISH) -> str:
    """What `network_drawing(spec, lit)` shows, in the language `lang`."""
    words, light = spec.vocabulary, Lighting(spec, lit)
    layout = Layout(spec)
    arrows = [(unit, arrow) for layer in range(1, words.last + 1) for unit in words.units(layer) for arrow in words.connections(unit)]
    skips = [unit for unit, arrow in arrows if not arrow.delay and arrow.source.layer + 1 != unit.layer]  # type: ignore[operator]
    names = {
        "inputs": words.width(0),
        "layers": [words.width(layer) for layer in range(1, words.last + 1)],
        "outputs": [called(layout, unit) for unit in words.outputs],
        "is_layered": words.wiring is None or set(words.outputs) == set(words.units(words.last)),
        "is_recurrent": bool(words.times),
        "skips": len(skips),
        "is_lit": lit is not None,
        "lit": "" if lit is None else typed(spec, lit),
        **_way(layout, light),
        "left_out": bool(layout.gaps),
        "penalties": bool(spec.constants),
    }
    return sentence("picture", names, lang)


def called(layout: Layout, unit: Unit) -> str:
    """A unit's name as one types it: h1, or a^(2)_1 where units have only numbers."""
    content = layout.content(unit)
    assert isinstance(content, Var)
    return layout.words.unit_name(unit) if isinstance(content.owner, Parameter) else typed(layout.spec, content)


def typed(spec: NetworkSpec, var: Var) -> str:
    """A quantity as one types it, w1 for w_1."""
    return re.sub(r"^([A-Za-z]+)_(\d+)$", r"\1\2", spec.speller.ascii(var))


def _way(layout: Layout, light: Lighting) -> dict[str, object]:
    """Where the influence goes: from layer to layer, or where it does not go from one to the next only, unit by unit."""
    words, error = layout.words, typed(layout.spec, Var("error_total"))
    users = {unit for unit, _ in light.users}
    later = _sorted(light.first - users)
    names: dict[str, object] = {
        "first": [called(layout, unit) for unit in _sorted(users)],
        "joint": layout.spec.activation(later[0]).name if later else "",
        "others": [called(layout, unit) for unit in later],
        "hops": [],
        "feeds": [],
    }
    if not users:
        return names
    if words.distinguishes or len({unit.layer for unit in users}) > 1:
        return names | {"feeds": [_feeds(layout, light, unit, error) for unit in _sorted(light.reached)]}
    return names | {"hops": _hops(layout, light, error)}


def _feeds(layout: Layout, light: Lighting, unit: Unit, error: str) -> tuple[str, list[str], list[str]]:
    """A unit, what it feeds, and what it feeds a step later."""
    lit = [(arrow, target) for arrow, target in layout.words.feeds(unit) if (target, arrow) in light.arrows and target in light.reached]
    now, later = (_sorted(target for arrow, target in lit if bool(arrow.delay) == late) for late in (False, True))
    ends = [error] if unit in light.errors else []
    return called(layout, unit), [called(layout, u) for u in now] + ends, [called(layout, u) for u in later]


def _hops(layout: Layout, light: Lighting, error: str) -> list[tuple[int, list[str]]]:
    """How many units feed, and whom: layer by layer, and at last the error."""
    found: list[tuple[int, list[str]]] = []
    feeding = len(light.first)
    for layer in range(min(int(u.layer) for u in light.first) + 1, layout.words.last + 1):  # type: ignore[arg-type]
        there = _sorted(unit for unit in light.reached if unit.layer == layer)
        found.append((feeding, [called(layout, unit) for unit in there]))
        feeding = len(there)
    return [*found, (feeding, [error])]


def _sorted(units: Iterable[Unit]) -> list[Unit]:
    return sorted(set(units), key=place_of)
