"""docs/carriers.md says what each kind of carrier can do, and asks for: as the code does."""

from pathlib import Path

from faxes.carriers.registry import CLASSES
from faxes.carriers.settings import NoSettings, options_of
from faxes.enums import Quality

PAGE = Path(__file__).resolve().parents[2] / "docs" / "carriers.md"
TRAITS = {
    "sends in superfine": lambda can: Quality.SUPERFINE in can.qualities,
    "takes the number to send from": lambda can: can.caller_id,
    "takes a station id and header line": lambda can: can.station,
    "goes slower or without ECM if asked": lambda can: can.negotiates,
    "tells how a fax ended": lambda can: can.confirms,
    "tries again by itself": lambda can: can.retries,
    "takes the same try twice as one": lambda can: can.idempotent_submit,
    "is asked by a try's own key": lambda can: can.finds_by_key,
    "hangs up if told": lambda can: can.cancels,
    "brings faxes that come in": lambda can: can.receives,
    "calls when something happens": lambda can: can.webhooks,
    "lists its numbers": lambda can: can.lists_numbers,
    "history of sent faxes": lambda can: can.lists_sent,
    "deletes its copy of sent faxes": lambda can: can.deletes_sent,
    "deletes its copy of received faxes": lambda can: can.deletes_received,
}


def kinds():
    return sorted(CLASSES.values(), key=lambda each: each.name)


def matrix():
    names = [each.name for each in kinds()]
    lines = [f"| | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    for words, test in TRAITS.items():
        cells = ["yes" if test(each.capabilities) else "no" for each in kinds()]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def settings(kind):
    lines = ["| setting | | |", "| --- | --- | --- |"]
    for option in options_of(kind.settings_class).values():
        needed = "required" if option.required else "may be empty"
        secret = ", secret" if option.kind == "secret" else ""
        lines.append(f"| {option.label} | {needed}{secret} | {option.help} |")
    return "\n".join(lines)


def test_the_matrix_is_what_the_carriers_say_of_themselves():
    assert matrix() in PAGE.read_text(), matrix()


def test_the_settings_are_those_that_the_forms_ask_for():
    page = PAGE.read_text()
    for kind in kinds():
        if kind.settings_class is not NoSettings:
            assert f"### {kind.name}\n" in page
            assert settings(kind) in page, settings(kind)
