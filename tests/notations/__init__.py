"""Hand work in made-up personal notations, whose truth is known: what `symbp verify` says of it is measured.

`nets` has the networks, `trees` the formulas, `truth` their values by a forward pass of its own, `scalars` and `matrices` the derivations,
`notation` personal notations, `pen` how they are spelled, `mistakes` what people get wrong, `documents` whole works, `measure` the tables.
Nothing here uses symbp but `measure`, which asks it for its verdicts.
"""
