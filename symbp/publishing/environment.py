"""The templates: where they are, and how they are run. The only module that imports jinja2."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from traceback import walk_tb
from typing import Any

from symbp.errors import Place, SymbpError, nearest
from symbp.publishing.bounded import TakesTooMuch, limited
from symbp.publishing.languages import ENGLISH, callables, translations
from symbp.publishing.wide import one_line
from symbp.version import __version__

OURS = "symbp"
"""What the names of our own templates begin with, where a user's template extends one: symbp/tex.j2."""
LARGEST_TEMPLATE = 1_000_000
_PRIVATE = re.compile("[\ue000-\ue011]")


class Safe(str):
    """Text in the format's own syntax; everything else is escaped on its way out."""


def templates_folder() -> Path:
    """The templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "sentences.j2").is_file():
            return folder
    raise SymbpError("the templates of symbp are missing", hint="install symbp again")


def locale_folder() -> Path:
    """Where the catalogues of other languages are."""
    return templates_folder() / "locale"


def embedded(name: str) -> str:
    """The file `name` beside the templates in base64, for a data: URI."""
    return b64encode((templates_folder() / name).read_bytes()).decode("ascii")


def documents() -> list[Path]:
    """The templates of the formats of documents, and the sentences."""
    return sorted(path for path in templates_folder().glob("*.j2") if not path.name.startswith(("report.", "verdicts.")))


def blocks_of(name: str) -> list[str]:
    """The blocks of our template `name`, in their order."""
    known = [path.name for path in documents()]
    if name not in known:
        raise SymbpError(f"unknown template {name!r}", hint=nearest(name, known))
    return re.findall(r"\(\(\*-? block (\w+)", (templates_folder() / name).read_text("utf-8"))


def template(name: str, escape: Callable[[str], str]) -> Any:
    """The template `name`, on whose way out everything that is not Safe is escaped."""
    return environment(escape).get_template(name)


def sentence(key: str, names: Mapping[str, object], lang: str = ENGLISH) -> str:
    """The sentence `key` in the language `lang` as plain words, without mathematics."""
    text: str = getattr(_spoken(lang), key)(names)
    return one_line(text)


@cache
def _spoken(lang: str) -> Any:
    """The sentences as plain words, with those of the functions that they call which set no mathematics."""
    known = translations(lang, locale_folder())
    found: Any = None
    functions: dict[str, Callable[..., str]] = {
        "written": one_line,
        "named": lambda context, name, **names: known.pgettext(context, name) % names if names else known.pgettext(context, name),
        "words": lambda name: known.pgettext("activation", name).replace("_", " "),
        "titled": lambda title: known.pgettext("title", title) if isinstance(title, str) else sentence(title.key, title.names, lang),
        "joined": lambda parts: one_line(found.enumeration(parts)),
        "series": lambda parts: one_line(found.with_commas(parts)),
    }
    found = environment(str, lang=lang).get_template("sentences.j2", globals=functions).make_module(functions)
    return found


def rendered(environment: Any, name: str, names: Mapping[str, object]) -> str:
    """The template `name` with these names; what is wrong with one of a user's is one error that names the file and the line."""
    import jinja2

    is_own = any(isinstance(loader, jinja2.FileSystemLoader) for loader in environment.loader.loaders[:-1])
    try:
        text: str = (
            "".join(limited(environment.get_template(name).generate(**names))) if is_own else environment.get_template(name).render(**names)
        )
    except jinja2.TemplateSyntaxError as error:
        raise SymbpError(
            f"the template does not parse: {error.message}", Place(error.filename or error.name or name, error.lineno)
        ) from None
    except jinja2.TemplateError as error:
        raise SymbpError(f"the template {_place_of(error, name)} fails: {error.message}") from None
    except TakesTooMuch as error:
        raise SymbpError(f"the template {_place_of(error, name)} takes too much: {error}") from None
    except MemoryError:
        raise SymbpError(f"the template {name} takes too much: memory") from None
    except (TypeError, ValueError, AttributeError, NameError, LookupError, ArithmeticError, RecursionError) as error:
        if not is_own:
            raise
        raise SymbpError(f"the template {_place_of(error, name)} fails: {error}") from None
    return text


def _place_of(error: BaseException, name: str) -> str:
    """The file and the line of a template where `error` came up."""
    lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename.endswith(".j2")]
    return f"{lines[-1][0]}, line {lines[-1][1]}," if lines else name


@cache
def environment(escape: Callable[[str], str], own: Path | None = None, lang: str = ENGLISH) -> Any:
    """Jinja2's sandbox, which reaches no attribute that begins with an underscore and calls nothing unsafe; an undefined name is an error.

    A template in the folder `own` stands before ours of the same name, which it can extend as "symbp/NAME". Words of templates and of
    catalogues go out as they are, what they name by way of `escape`.
    """
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    ours = jinja2.FileSystemLoader(templates_folder())
    folders = [_own_loader(own)] if own else []
    finalize = partial(_finalize, escape)
    found = SandboxedEnvironment(
        loader=jinja2.ChoiceLoader([*folders, jinja2.PrefixLoader({OURS: ours}), ours]),
        undefined=jinja2.StrictUndefined,
        block_start_string="((*", block_end_string="*))",
        variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
        finalize=jinja2.pass_context(lambda _, value: finalize(value)), extensions=["jinja2.ext.i18n"], bytecode_cache=_compiled(),
    )  # fmt: skip
    found.newstyle_gettext = True  # type: ignore[attr-defined]

    def fill(message: str, names: Mapping[str, object]) -> Safe:
        return Safe(message % {name: finalize(value) for name, value in names.items()})

    found.globals.update(callables(translations(lang, locale_folder()), fill))
    return found


def _own_loader(folder: Path) -> Any:
    """The loader of a user's templates: files that lie in the folder themselves, and not too large."""
    import jinja2

    class Own(jinja2.FileSystemLoader):
        def get_source(self, environment: Any, template: str) -> Any:
            path = folder / template
            steps = [path, *path.parents][: len(Path(template).parts)]
            if any(step.is_symlink() for step in steps):
                raise SymbpError("a template is not read through a link", Place(str(path)), "copy the file into the folder")
            if path.exists() and not path.is_file():
                raise SymbpError("a template is a regular file", Place(str(path)))
            if path.is_file() and path.stat().st_size > LARGEST_TEMPLATE:
                raise SymbpError("the template is too large", Place(str(path)), f"at most {LARGEST_TEMPLATE // 1_000_000} MB")
            return super().get_source(environment, template)

    return Own(folder)


@cache
def _compiled() -> Any:
    """What templates are compiled to, kept for all environments: that they escape differently shows only when they run.

    It is kept for later processes too, since compiling takes longer than deriving. Jinja2 looks it up by name and content, and moves
    a whole file into place; where there is no folder for it, or nothing can be read or written, templates are compiled again.
    """
    import jinja2
    import jinja2.compiler

    class Kept(jinja2.FileSystemBytecodeCache):
        def __init__(self, folder: Path | None) -> None:
            self.code: dict[str, bytes] = {}
            self.folder = folder
            self.pattern = "%s.cache"
            self.directory = str(folder)

        def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            if bucket.key in self.code:
                bucket.bytecode_from_string(self.code[bucket.key])
            elif self.folder is not None:
                with suppress(Exception):  # whatever a damaged file makes of itself
                    super().load_bytecode(bucket)
                if bucket.code is not None:
                    self.code[bucket.key] = bucket.bytecode_to_string()

        def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            self.code[bucket.key] = bucket.bytecode_to_string()
            if self.folder is not None:
                with suppress(OSError):
                    super().dump_bytecode(bucket)

    return Kept(_cache_folder(Path(jinja2.compiler.__file__)))


def _cache_folder(compiler: Path) -> Path | None:
    """A folder in the user's cache that nobody else may write to, for what this `compiler` makes; or None."""
    try:
        name = f"templates-{__version__}-{compiler.stat().st_size:x}-{compiler.stat().st_mtime_ns:x}"
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "symbp" / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        is_own = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
        return folder if folder.is_absolute() and is_own and os.access(folder, os.W_OK) else None
    except (OSError, RuntimeError):
        return None


def _finalize(escape: Callable[[str], str], value: object) -> str:
    return value if isinstance(value, Safe) else Safe(escape(_PRIVATE.sub("\ufffd", str(value))))
