"""Models lose the names of people who are forgotten, whatever became of the table beside them."""

from datetime import datetime

import numpy as np

from mindgap.kernel.derivation import FittedModel
from mindgap.loop.erasing import Erasing
from mindgap.loop.erasing_derived import erase_from_models
from mindgap.personalize.names import pack
from mindgap.store.state import ModelEntry, ShelfEntry
from mindgap.store.suppression import Name

AT = datetime(2024, 5, 6)


def test_a_model_whose_table_was_built_again_without_one_loses_the_name_too(workspace):
    files, manifest = workspace.stores.files, workspace.stores.manifest
    held = pack(["anna", "ben"])
    model = FittedModel(name="m", card={}, arrays={"who_blob": held.blob, "who_offsets": held.offsets})
    with files.staging() as staging:
        files.write_model(model, staging / "m")
        files.adopt(staging / "m", "vault/m/before")
    table = ShelfEntry(name="t", as_of=AT, fingerprint="now", path="", rows=0, built_at=AT, seconds=0.0)
    manifest.keep(table, [ModelEntry(name="m", as_of=AT, path="vault/m/before", card={}, built_at=AT)])
    names = [Name("customer", "anna")]
    work = Erasing(stores=workspace.stores, names=names, time_zone="UTC")
    assert erase_from_models(work) == 1
    (entry,) = manifest.models()
    left = files.read_model("m", entry.path)
    assert b"anna" not in np.asarray(left.arrays["who_blob"]).tobytes()
    assert manifest.entries() == [table]
    assert workspace.stores.suppression.digest("anna")[:8] in entry.path
