"""symengine: the composed error of a sigmoid net differentiated by every parameter, each result written by symengine's own `latex`."""

import symengine as se
from serving import seconds, serve


def composed(sizes):
    outs = [se.Symbol(f"i{k}") for k in range(1, sizes[0] + 1)]
    parameters = []
    for layer, size in enumerate(sizes[1:], 1):
        sources, outs = outs, []
        for unit in range(1, size + 1):
            row = [se.Symbol(f"w{layer}_{unit}_{k}") for k in range(1, len(sources) + 1)]
            bias = se.Symbol(f"b{layer}_{unit}")
            parameters += [*row, bias]
            outs.append(1 / (1 + se.exp(-sum((w * out for w, out in zip(row, sources, strict=True)), bias))))
    return sum(se.Rational(1, 2) * (se.Symbol(f"t{k}") - out) ** 2 for k, out in enumerate(outs, 1)), parameters


def answer(sizes):
    texts, differentiated = [], []

    def whole():
        error, parameters = composed(sizes)
        differentiated.extend(se.diff(error, parameter) for parameter in parameters)

    diff = seconds(whole)
    latex = seconds(lambda: texts.extend(map(se.latex, differentiated)))
    return {"seconds": diff + latex, "diff": diff, "characters": sum(map(len, texts)), "gradients": len(texts)}


serve(answer)
