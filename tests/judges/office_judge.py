"""LibreOffice before the table of members: it opens the CSV as it comes, and every cell is what the registry wrote.

    office_judge.py BINARY

Where there is no `soffice` (Debian: libreoffice-calc-nogui) nothing is judged, and that is said.
"""

import csv
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

from history import make_history
from registry import CHARTER, Registry

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

# What a spreadsheet would work out.
FORMULA = {
    "name": {"ru": "=1+1; Школа «Ёж»", "en": "+7 School"},
    "aliases": ["@SUM(A1)", "-2+3"],
    "category": "educational_institution",
    "country": "RU",
    "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000013"}],
}


def shown(cell):
    """What a cell shows, and whether it is worked out."""
    lines = ["".join(line.itertext()) for line in cell.iter(f"{TEXT}p")]
    # LibreOffice shows dates in its own way, and keeps them in this one.
    value = cell.get(f"{OFFICE}date-value") or "\n".join(lines)
    return value, f"{TABLE}formula" in cell.attrib


def rows_of(sheet):
    """The rows of a sheet; cells and rows that are the same stand there once, with a number."""
    for row in sheet.iter(f"{TABLE}table-row"):
        cells = []
        for cell in row.iter(f"{TABLE}table-cell"):
            times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            cells += [shown(cell)] * min(times, 64)
        if any(value for value, _ in cells):
            yield cells


def same(written, value):
    """Whether a cell holds what was written: numbers, truths and instants in LibreOffice's own form."""
    if written.isdigit():
        return value.isdigit() and int(value) == int(written)
    if written in ("true", "false"):
        return value.lower() == written
    return value.replace("Z", "") == written.replace("Z", "")


if not shutil.which("soffice"):
    print("SKIPPED LibreOffice: there is no soffice (apt-get install libreoffice-calc-nogui): the table is not opened by it")
    sys.exit()

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    registry = Registry(sys.argv[1], folder)
    with registry:
        make_history(registry)
        registry.admit(FORMULA)
        table, _ = registry.ask("GET", f"/v1/charters/{CHARTER}/members.csv")
    (folder / "members.csv").write_bytes(table)
    convert = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "fods"]
    convert += ["--infilter=CSV:44,34,76,1", "--outdir", str(folder), str(folder / "members.csv")]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    opened = list(rows_of(xml.parse(folder / "members.fods")))

written = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
if len(opened) != len(written):
    sys.exit(f"FAILED LibreOffice: {len(opened)} rows of {len(written)}")
for cells, fields in zip(opened, written):
    cells += [("", False)] * (len(fields) - len(cells))
    for name, field, (value, is_formula) in zip(written[0], fields, cells):
        if is_formula or not same(field, value):
            sys.exit(f"FAILED LibreOffice: {name} is {value!r}, and {field!r} was written")
for expected in ("Средняя школа № 1 «Алые паруса»", "'=1+1; Школа «Ёж»", "'+7 School"):
    if not any(expected == value for cells in opened for value, _ in cells):
        sys.exit(f"FAILED LibreOffice: no cell is {expected!r}")
print(f"LibreOffice opened the table of {len(written) - 1} members, {len(written[0])} cells each, as it was written")
