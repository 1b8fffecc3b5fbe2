"""Open data before a feed parser, sqlite-utils and Datasette: the feeds are taken as they come, and so is the table.

    open_data_judge.py BINARY
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import feedparser
from history import CLUB, SCHOOL, make_history
from registry import CHARTER, PUBLIC_URL, Registry

TOOLS = pathlib.Path(sys.executable).parent


def taken(feed, of, expected):
    """Has feedparser read a feed that must tell of these changes, the newest first."""
    read = feedparser.parse(feed)
    if read.bozo or read.version != "atom10":
        sys.exit(f"FAILED feedparser: {of}: {read.get('bozo_exception', read.version)}")
    for field in ("id", "title", "updated_parsed", "author", "rights", "links"):
        if not read.feed.get(field):
            sys.exit(f"FAILED feedparser: {of} has no {field}")
    told = [entry.tags[0].term for entry in read.entries]
    if told != expected:
        sys.exit(f"FAILED feedparser: {of} tells of {told}")
    if len({entry.id for entry in read.entries}) != len(expected):
        sys.exit(f"FAILED feedparser: {of} calls two entries the same")
    for entry in read.entries:
        if not (entry.id.startswith(f"{PUBLIC_URL}/") and entry.link == entry.id and entry.published_parsed):
            sys.exit(f"FAILED feedparser: {of}: {entry}")
    return read


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    registry = Registry(sys.argv[1], folder)
    with registry:
        school, club = make_history(registry)
        of_charter, tag = registry.ask("GET", f"/v1/charters/{CHARTER}/events.atom")
        of_school, _ = registry.ask("GET", f"{school}/events.atom")
        of_club, _ = registry.ask("GET", f"{club}/events.atom")
        table, _ = registry.ask("GET", f"/v1/charters/{CHARTER}/members.csv")
    happened = ["withdrew", "excluded", "amended", "included", "included", "published"]
    feed = taken(of_charter, "the charter's", happened)
    taken(of_school, "a member's", ["excluded", "amended", "included"])
    told = taken(of_club, "another member's", ["withdrew", "included"])
    if told.entries[0].title != f"{CLUB['name']['ru']}: withdrew":
        sys.exit(f"FAILED feedparser: {told.entries[0].title}")

    (folder / "members.csv").write_bytes(table)
    database = str(folder / "members.db")
    insert = [TOOLS / "sqlite-utils", "insert", database, "members", str(folder / "members.csv"), "--csv", "--pk", "id"]
    subprocess.run(insert, check=True, capture_output=True)
    query = "select name_ru, status, website from members order by number"
    ask = [TOOLS / "datasette", database, "--get", f"/members.json?sql={query.replace(' ', '+')}&_shape=array"]
    shown = json.loads(subprocess.run(ask, check=True, capture_output=True, text=True).stdout)
    expected = [
        {"name_ru": SCHOOL["name"]["ru"], "status": "excluded", "website": SCHOOL["website"]},
        {"name_ru": CLUB["name"]["ru"], "status": "withdrawn", "website": ""},
    ]
    if [{**row, "website": row["website"] or ""} for row in shown] != expected:
        sys.exit(f"FAILED datasette: {shown}")
    print(f"feedparser took {len(feed.entries)} events, Datasette the table of {len(shown)} members")
