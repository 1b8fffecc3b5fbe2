"""qpdf and poppler over the printed memoranda: `paper_judge.py FOLDER`.

FOLDER/paper holds NAME.txt, the exact text, and NAME.pdf, what is printed of it. qpdf must find no fault in the file;
the text that pdftotext reads in it must be the exact text, its digest at the foot of every sheet; pdftoppm must draw
it without a word.
"""

import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

from bench import end

JUDGE = "qpdf and poppler"


def run(*command):
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0 or ended.stderr:
        sys.exit(f"FAILED {JUDGE}: {' '.join(map(str, command))}: {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def judge(text, printed):
    if "No syntax or stream encoding errors" not in run("qpdf", "--check", printed):
        sys.exit(f"FAILED {JUDGE}: qpdf finds faults in {printed.name}")
    exact = text.read_bytes()
    mark = f"SHA-256 {hashlib.sha256(exact).hexdigest()}"
    sheets = run("pdftotext", "-layout", printed, "-").split("\f")[:-1]
    words = []
    for number, sheet in enumerate(sheets, start=1):
        foot = f"{mark} {number}/{len(sheets)}"
        sheet = " ".join(sheet.split())
        if not sheet.endswith(foot):
            sys.exit(f"FAILED {JUDGE}: sheet {number} of {printed.name} does not end with {foot!r}: {sheet[-120:]!r}")
        words += sheet.removesuffix(foot).split()
    if words != exact.decode().split():
        sys.exit(f"FAILED {JUDGE}: {printed.name} does not say what {text.name} says: {' '.join(words)!r}")
    fonts = run("pdffonts", printed).splitlines()[2:]
    if not fonts or not all(re.search(r" yes (yes|no ) yes ", font) for font in fonts):
        sys.exit(f"FAILED {JUDGE}: a font of {printed.name} is not embedded, or its characters are unknown: {fonts}")
    with tempfile.TemporaryDirectory() as folder:
        run("pdftoppm", "-r", "50", printed, f"{folder}/sheet")
        drawn = len(list(pathlib.Path(folder).iterdir()))
    if drawn != len(sheets):
        sys.exit(f"FAILED {JUDGE}: pdftoppm drew {drawn} of {len(sheets)} sheets")


texts = sorted(pathlib.Path(sys.argv[1], "paper").glob("*.txt"))
for text in texts:
    judge(text, text.with_suffix(".pdf"))
if len(texts) < 4:
    sys.exit(f"FAILED {JUDGE}: too little to judge")
end(JUDGE, f"{len(texts)} printed memoranda say what their exact texts say", [])
