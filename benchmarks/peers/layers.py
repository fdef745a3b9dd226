"""nerva-sympy: `test_softmax_layer` of its source distribution, as it is.

The distribution leaves out the module `utilities` of its tests. What that test takes from it is given here: `matrix` (a matrix of real
symbols), `equal_matrices` (does the difference simplify to zero), and `squared_error` (the sum of the columns' Euclidean norms).
"""

import sys
import types
from pathlib import Path

import sympy
from serving import seconds, serve
from sympy.core.cache import clear_cache


def matrix(name, rows, columns):
    return sympy.Matrix(rows, columns, lambda i, j: sympy.Symbol(f"{name}_{i}_{j}", real=True))


def equal_matrices(a, b, simplify_arguments=False):
    if simplify_arguments:
        a, b = sympy.simplify(a), sympy.simplify(b)
    return a.shape == b.shape and sympy.simplify(a - b).is_zero_matrix is True


def squared_error(x):
    return sum(sympy.sqrt(sum(entry**2 for entry in x.col(j))) for j in range(x.cols))


utilities = types.ModuleType("utilities")
utilities.matrix, utilities.equal_matrices, utilities.squared_error = matrix, equal_matrices, squared_error
sys.modules["utilities"] = utilities
sys.path.insert(0, str(next(Path(sys.argv[1]).glob("nerva_sympy-*/tests"))))

from test_layer_softmax import TestSoftmaxLayers  # noqa: E402


def answer(shapes):
    """All of the test, or, if `shapes` are given, these with the plain sum as the error."""
    case = TestSoftmaxLayers("test_softmax_layer")
    clear_cache()
    if not shapes:
        return {"seconds": seconds(case.test_softmax_layer)}
    from nerva_sympy.matrix_operations import elements_sum

    return {"seconds": seconds(lambda: [case._test_softmax_layer(*shape, elements_sum) for shape in shapes])}


serve(answer)
