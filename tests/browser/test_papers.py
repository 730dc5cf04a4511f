"""Papers that prove something are handed to somebody, who checks them; what is kept of one."""

from pathlib import Path

from playwright.sync_api import expect

from faxes.services import papers


def test_somebody_without_a_log_in_checks_a_report(world, work, send, desk, tmp_path):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    report = Path(tmp_path) / "report.pdf"
    report.write_bytes(papers.transmission_report(world.northside.admin, fax_id=fax.pk))
    one = desk(world.northside, scripts=False)
    one.context.clear_cookies()
    page = one.page
    page.goto(f"{one.base}/check/")
    page.get_by_label("The PDF file").set_input_files(report)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("Genuine")
    expect(page.get_by_text(str(fax.pk))).to_be_visible()
    assert one.too_wide() == []
    report.write_bytes(report.read_bytes().replace(b"%%EOF", b"%%EOG", 1))
    page.get_by_label("The PDF file").set_input_files(report)
    page.get_by_role("button", name="Check another one").click()
    expect(page.get_by_role("status")).to_contain_text("Changed since")


def test_all_about_one_number_is_asked_for_beside_everything(world, work, send, desk):
    send(world.northside, "+12025550100")
    work.run_to_end()
    one = desk(world.northside)
    page = one.open("export/")
    number = page.get_by_label("Fax number")
    number.fill("12")
    page.get_by_role("button", name="Pack what concerns this number").click()
    expect(number).to_have_attribute("aria-invalid", "true")
    number.fill("202 555 0100")
    page.get_by_role("button", name="Pack what concerns this number").click()
    expect(page.get_by_text("is being packed")).to_be_visible()
    work.run()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("link", name="Download (202) 555-0100")).to_be_visible()
    assert one.faults() == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (202) 555-0100, file 1").click()
    assert download.value.suggested_filename.endswith("-1.zip")
    page.goto(f"{one.base}/check/")
    assert one.faults() == []
