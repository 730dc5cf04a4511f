"""The house holds: sizes, first lines, docstrings, names of jobs."""

import ast
import gc
import inspect
import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from faxes import jobs

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = [
    path
    for app in ("faxportal", "accounts", "faxes")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
EVERYTHING = [
    *PRODUCT,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
]
ASKED_FOR = [
    *sorted((ROOT / "static").rglob("*.css")),
    *sorted((ROOT / "static").rglob("*.js")),
    *sorted((ROOT / "templates").rglob("*.html")),
]
PUBLIC_FACES = ("services", "carriers", "line", "documents", "queries")
MOST_LINES, MOST_LINES_A_FUNCTION = 400, 60


def tree(path):
    text = path.read_text(encoding="utf-8")
    gc.disable()  # what it ends may switch greenlets, over which the parser stumbles
    try:
        return ast.parse(text)
    finally:
        gc.enable()


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_a_module_is_small_and_its_functions_smaller(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    long = [
        f"{function.name}: {function.end_lineno - function.lineno + 1} lines"
        for function in functions(path)
        if function.end_lineno - function.lineno >= MOST_LINES_A_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("path", ASKED_FOR, ids=named)
def test_a_sheet_a_script_and_a_template_are_as_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_a_module_says_first_what_it_is_for(path):
    if not path.read_text(encoding="utf-8").strip():
        assert path.name == "__init__.py"
        return
    assert ast.get_docstring(tree(path)), "the first line of a module is its docstring"


@pytest.mark.parametrize(
    "path", [path for path in PRODUCT if path.parent.name in PUBLIC_FACES], ids=named
)
def test_public_functions_say_what_they_do(path):
    silent = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


@pytest.mark.parametrize("path", sorted((ROOT / "faxes" / "services").glob("*.py")), ids=named)
def test_a_service_takes_its_actor_first_and_the_rest_by_name(path):
    for node in tree(path).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        names = [argument.arg for argument in node.args.args]
        if "actor" in names:
            assert names == ["actor"], node.name


@pytest.mark.parametrize(("name", "path"), jobs.JOBS.items())
def test_a_job_leads_to_a_task_that_takes_ids_by_name(name, path):
    task = import_string(path)
    kinds = {each.kind for each in inspect.signature(task).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY}
    assert path == f"faxes.tasks.{name}"


def test_jobs_are_put_in_by_names_that_exist_and_with_the_ids_they_take():
    seen = set()
    for path in PRODUCT:
        for call in ast.walk(tree(path)):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("enqueue")):
                continue
            if not (call.args and isinstance(call.args[0], ast.Constant)):
                continue
            name = str(call.args[0].value)
            wanted = set(inspect.signature(import_string(jobs.JOBS[name])).parameters)
            assert {keyword.arg for keyword in call.keywords} == wanted, named(path)
            seen.add(name)
    assert seen == set(jobs.JOBS)


def test_nothing_is_left_to_do():
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b")
    left = [named(path) for path in PRODUCT if marks.search(path.read_text(encoding="utf-8"))]
    assert not left
