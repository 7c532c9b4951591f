"""Recorded traffic of real providers, read where it lies beside the checkout."""
import json
import os
import pathlib

import cases
from daemon import ROOT


def folder():
    named = os.environ.get("ROUTERONE_RECORDINGS")
    places = [pathlib.Path(named)] if named else [
        parent / "shared" / "protocol" / "recordings" for parent in (ROOT, *ROOT.parents)]
    place = next((place for place in places if (place / "manifest.json").exists()), None)
    if place is None:
        raise cases.Skipped("there are no recordings beside this checkout")
    return place


class Entry:
    """One recorded answer. `path` of a file is relative to the folder of recordings."""

    def __init__(self, place, facts):
        self.place, self.facts = place, facts
        self.file, self.dialect, self.stream = facts["file"], facts["dialect"], facts["stream"]
        self.status, self.malformed = facts["status"], facts.get("malformed")
        self.summary = facts.get("sdk_summary") or {}

    def answer(self):
        return (self.place / self.file).read_bytes()

    def request(self):
        """The recorded request, or None."""
        file = self.facts.get("request_file")
        return json.loads((self.place / file).read_bytes()) if file else None


def entries():
    place = folder()
    manifests = [place / "manifest.json", place / "parallel" / "manifest.json"]
    return [Entry(place, facts) for manifest in manifests if manifest.exists()
            for facts in json.loads(manifest.read_text())["entries"]]
