"""`python -m symbp` is `symbp`."""

from symbp.cli import main

main()
