"""did-webvh's eddsa-jcs-2022, by jsoncanon and Askar: `did_webvh_judge.py FOLDER`."""

import importlib.metadata

from aries_askar import AskarError
from did_webvh.core.proof import di_jcs_verify

from bench import Refused, judge


def verify(case, document):
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise Refused("it has no proof")
    try:
        di_jcs_verify(document, proof, case.key_of(proof))
    except (ValueError, AskarError) as error:
        raise Refused(str(error)) from error


judge(f"did-webvh {importlib.metadata.version('did-webvh')}", verify)
