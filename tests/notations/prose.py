"""What people write between their formulas."""

from __future__ import annotations

_KEYS = ("title", "part", "legend", "forward", "error", "output", "hidden", "delta", "gradient", "chain", "update")

_TEXTS = {
    "en": (
        "Backpropagation by hand",
        "Part (b), with other letters",
        "Here {net} stands for the net input of a unit and {out} for its output.",
        "First the forward pass.",
        "The error is",
        "Some derivatives that will be needed:",
        "Going back to the hidden layer:",
        "Now the deltas:",
        "From this follow the gradients.",
        "By the chain rule",
        "Finally the weights are updated:",
    ),
    "de": (
        "Backpropagation zu Fuß",
        "Teil (b), mit anderen Buchstaben",
        "Hier ist {net} die Netzeingabe eines Neurons und {out} seine Ausgabe.",
        "Zuerst vorwärts.",
        "Der Fehler lautet",
        "Einige Ableitungen, die wir brauchen:",
        "Zurück zur verdeckten Schicht:",
        "Die Deltas sind nun",
        "Daraus folgen die Gradienten.",
        "Nach der Kettenregel gilt",
        "Zum Schluss werden die Gewichte angepasst:",
    ),
    "es": (
        "Retropropagación a mano",
        "Parte (b), con otras letras",
        "Aquí {net} es la entrada neta de una neurona y {out} su salida.",
        "Primero hacia delante.",
        "El error es",
        "Algunas derivadas que hacen falta:",
        "Volvemos a la capa oculta:",
        "Ahora las deltas:",
        "De ahí salen los gradientes.",
        "Por la regla de la cadena",
        "Por último se actualizan los pesos:",
    ),
    "fr": (
        "Rétropropagation à la main",
        "Partie (b), avec d'autres lettres",
        "Ici {net} est l'entrée nette d'un neurone et {out} sa sortie.",
        "D'abord la passe avant.",
        "L'erreur est",
        "Quelques dérivées utiles :",
        "Retour à la couche cachée :",
        "Voici les deltas :",
        "On en tire les gradients.",
        "Par la règle de la chaîne",
        "Enfin la mise à jour des poids :",
    ),
    "zh": (
        "手算反向传播",
        "第二部分,换一套字母",
        "这里 {net} 表示神经元的净输入,{out} 表示它的输出。",
        "先算前向传播。",
        "误差为",
        "需要的几个导数:",
        "回到隐藏层:",
        "误差项:",
        "由此得到梯度。",
        "由链式法则",
        "最后更新权重:",
    ),
}

PROSE: dict[str, dict[str, str]] = {language: dict(zip(_KEYS, texts, strict=True)) for language, texts in _TEXTS.items()}
"""A sentence for each part of a derivation, by language."""
