"""How what stands in a formula is spelled, in LaTeX, Unicode and plain text; each thing has one name here, whatever its spelling."""

from __future__ import annotations

import unicodedata
from typing import Final

from symbp.language.symbols import GREEK

WORDS: Final = frozenset(
    "net out in target output input total error loss cost exp log ln tanh sinh cosh sin cos max min diag relu ReLU leaky softmax softplus "
    "sigmoid logistic sign sgn sqrt erf sech new old sum mean dot np axis keepdims True False act grad elu silu gelu hidden bias weight "
    "delta eta alpha beta gamma lambda sigma theta rho epsilon mu phi psi prev next step true pred prediction identity linear KL MSE BCE "
    "CE lr neu Error Loss Cost Net Out Target Output Total Input hid inp tot otherwise".split()
)
"""Words that are names, functions or marks though they have several letters."""
PROSE: Final = frozenset(
    "if for where and or with all every otherwise else so then since because from by is are we get thus hence when as here have".split()
)
"""Words that are none of a formula's."""

GREEK_LETTERS: Final = {
    **{letter: name for name, letter in GREEK.items()},
    "ϕ": "phi",
    "φ": "phi",
    "π": "pi",
    "ψ": "psi",
    "ϵ": "epsilon",
    "∆": "Delta",
}
GREEK_MACROS: Final = {f"\\{name}": name for name in GREEK} | {
    r"\phi": "phi",
    r"\varphi": "phi",
    r"\varepsilon": "epsilon",
    r"\vartheta": "theta",
    r"\varrho": "rho",
    r"\varsigma": "sigma",
    r"\pi": "pi",
    r"\Sigma": "Sigma",
    r"\Psi": "Psi",
    r"\Phi": "phi",
    r"\ell": "l",
}
NAMED: Final = {f"\\{word}" for word in "exp log ln tanh sinh cosh sin cos max min det".split()}

SIGNS: Final = {
    r"\cdot": "cdot", "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", r"\bullet": "cdot", r"\cdotp": "cdot",
    r"\times": "times", "×": "times", "*": "star", "∗": "star", r"\ast": "star", r"\star": "star",
    ".^": "^", "**": "^", r"\odot": "odot", "⊙": "odot", r"\circ": "odot", "∘": "odot", "◦": "odot", r"\otimes": "odot",
    ".*": "odot", "@": "at", "+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", r"\pm": "±", "/": "/", "∕": "/", r"\div": "/", "÷": "/",
    "^": "^", "_": "_", r"\_": "_", "(": "(", ")": ")", "[": "[", "]": "]", "{": "{", "}": "}", r"\{": "\\{", r"\}": "\\}",
    r"\lbrace": "\\{", r"\rbrace": "\\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
    "|": "|", r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|",
    "||": "‖", "‖": "‖", r"\langle": "⟨", "⟨": "⟨", r"\rangle": "⟩", "⟩": "⟩", r"\|": "‖", r"\Vert": "‖", r"\lVert": "‖", r"\rVert": "‖",
    "=": "=", "==": "=", "-=": "-=", "+=": "+=",
    r"\equiv": "=", "≡": "=", r"\triangleq": "=", "≜": "=", r"\doteq": "=", "≝": "=", "≙": "=", "≐": "=",
    r"\defeq": "=", r"\eqdef": "=", r"\corresponds": "=", ":=": ":=", r"\coloneqq": ":=", "≔": ":=",
    r"\colon": ":", r"\leftarrow": "←", r"\gets": "←", "←": "←", "<-": "←", r"\longleftarrow": "←", "⟵": "←",
    r"\to": "→", r"\rightarrow": "→", "→": "→", "->": "→", r"\mapsto": "→", r"\longrightarrow": "→", "⟶": "→", "↦": "→",
    r"\approx": "≈", "≈": "≈", r"\simeq": "≈", "≃": "≈", r"\sim": "≈", r"\cong": "≈", "≅": "≈", "~=": "≈", "=~": "≈",
    r"\neq": "≠", r"\ne": "≠", "≠": "≠", "!=": "≠", "<>": "≠", "<": "<", ">": ">", r"\lt": "<", r"\gt": ">",
    r"\leq": "≤", r"\le": "≤", "≤": "≤", "<=": "≤", r"\geq": "≥", r"\ge": "≥", "≥": "≥", ">=": "≥",
    r"\Rightarrow": "⇒", r"\implies": "⇒", "⇒": "⇒", "=>": "⇒", r"\Longrightarrow": "⇒", "⟹": "⇒",
    r"\iff": "⇒", r"\Leftrightarrow": "⇒", "⇔": "⇒", r"\Longleftrightarrow": "⇒", r"\leadsto": "⇒",
    r"\therefore": "⇒", "∴": "⇒", r"\because": "⇒", "∵": "⇒",
    ",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "'": "'", "’": "'", "′": "'", r"\prime": "'", "″": "''", "&": "&", r"\\": r"\\",
    r"\frac": "frac", r"\dfrac": "frac", r"\tfrac": "frac", r"\cfrac": "frac", r"\sfrac": "frac", r"\nicefrac": "frac",
    r"\flatfrac": "frac", r"\dv": "dv", r"\derivative": "dv", r"\odv": "dv", r"\diff": "dv",
    r"\pdv": "pdv", r"\pderivative": "pdv", r"\partialderivative": "pdv", r"\diffp": "pdv",
    r"\partial": "∂", "∂": "∂", r"\nabla": "∇", "∇": "∇", r"\sum": "Σ", "∑": "Σ", r"\prod": "Π", "∏": "Π",
    r"\sqrt": "sqrt", "√": "sqrt", r"\in": "∈", "∈": "∈", r"\forall": "∀", "∀": "∀", r"\dots": "…", r"\ldots": "…", r"\cdots": "…",
    "…": "…", r"\top": "⊤", "⊤": "⊤", r"\intercal": "⊤", r"\dagger": "⊤", r"\infty": "∞", "∞": "∞", "$": "$",
    r"\quad": "quad", r"\qquad": "quad", r"\cup": "∪", r"\setminus": "∖",
}  # fmt: skip
RELATIONS: Final = frozenset({"-=", "+=", "=", ":=", "←", "→", "≈", "≠", "<", ">", "≤", "≥"})
LATEX_WORDS: Final = frozenset(
    r"\text \mathrm \mathit \operatorname \textrm \textit \textbf \mathsf \mathtt \texttt \mbox \textnormal \mathnormal".split()
)
BOLD: Final = frozenset(
    r"\mathbf \boldsymbol \bm \vec \mathbb \mathcal \mathscr \pmb \bf \underline \mathfrak \vb \va \vectorbold \symbf \mathop \mathopen "
    r"\mathclose \mathrel \mathbin \mathord \qty \quantity \ensuremath \smash \mathstrut".split()
)
ACCENTS: Final = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\widetilde": "tilde", r"\dot": "dot",
    r"\ddot": "ddot",
}  # fmt: skip
LOOKS: Final = frozenset(
    r"\left \right \middle \bigl \bigr \Bigl \Bigr \biggl \biggr \Biggl \Biggr \big \Big \bigg \Bigg \displaystyle \textstyle \scriptstyle "
    r"\scriptscriptstyle \limits \nolimits \, \; \: \! \  \> \nonumber \notag \hfill \hfil "
    r"\allowbreak \nobreak \noindent \small \large \Large \normalsize \footnotesize \strut \relax \, \thinspace \medspace "
    r"\thickspace \enspace \rm \it \cal \centering \null \boldmath \bigm \Bigm \null \hline \par \it".split()
) | {"\\ "}
SWALLOWED: Final = frozenset(
    r"\label \tag \hspace \vspace \hskip \color \phantom \hphantom \vphantom \textcolor \ref \eqref \cite \rule \raisebox".split()
)
DELIMITED: Final = {r"\abs": "|", r"\absolutevalue": "|", r"\norm": "‖"}
"""Macros that put bars around their argument."""
STACKED: Final = {r"\overset": "^", r"\stackrel": "^", r"\underset": "_"}
"""Macros that put their first argument over or under the second, and what that is if the second is a sum."""
WRAPPERS: Final = frozenset(
    r"\boxed \underbrace \overbrace \fbox \cancel \bcancel \xcancel \mathclap \substack \colorbox \framebox".split()
)
BIG: Final = {"Σ": "Σ", "Π": "Π"}
HALVES: Final = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "⅔": "2/3", "¾": "3/4", "⅛": "1/8"}
RAISED: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡⁿᵖᵗˣʰʸᵒᴸᵀⁱʲᵏᵐ⁼", "0123456789+-()lnptxhyoLTijkm=", strict=True))
LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₗₘₙₚₜₕₒₐₑₓᵣₛᵤᵥ₌", "0123456789+-()ijklmnpthoaexrsuv=", strict=True))
HATTED: Final = {"ŷ": "yhat", "ẑ": "zhat", "â": "ahat", "ô": "ohat", "x̂": "xhat", "p̂": "phat"}
SAME: Final = {
    code: like
    for first, last in ((0xFF01, 0xFF5E), (0x1D400, 0x1D7FF))
    for code in range(first, last + 1)
    if len(like := unicodedata.normalize("NFKC", chr(code))) == 1 and like != chr(code)
}
"""Full-width and mathematical letters, digits and signs: the ordinary one for each."""
